import type { appointmentReasons } from '@unefois/proto/appointment-reasons'
import { type ProblemWords, words } from './problem-words.js'

/** The reasons about calendars, slots and appointments in French. */
export const appointmentReasonsInFrench: Readonly<Record<keyof typeof appointmentReasons, ProblemWords>> = {
  CALENDAR_INVALID: words(
    'Rien de l’agenda n’a été publié : quelque chose y est faux.',
    'Corrigez le champ indiqué dans les faits et publiez de nouveau ; ce qui était publié le reste.',
  ),
  PLACE_UNKNOWN: words('Ce lieu n’existe pas ici.', 'Consultez la liste des motifs : chacun indique ses lieux.'),
  COMMUNE_UNKNOWN: words(
    'Cette commune n’est dans aucune liste de communes de cet organisme.',
    'Donnez le code INSEE de la commune, et non son code postal, ou cherchez par lieu.',
  ),
  SERVICE_TYPE_UNKNOWN: words(
    'On ne peut pas être reçu ici pour ce motif.',
    'Consultez la liste des motifs, et nommez l’un d’eux.',
  ),
  PRACTITIONER_UNKNOWN: words(
    'Il n’y a pas de tel agent dans cet agenda.',
    'Lisez l’agenda du lieu : il nomme ses agents.',
  ),
  ZONE_UNKNOWN: words(
    'Ce fuseau horaire n’existe pas.',
    'Donnez un nom de la base IANA des fuseaux horaires, comme « Europe/Paris » ou « Indian/Reunion ».',
  ),
  LOCAL_TIME_SKIPPED: words(
    'Les horloges de ce lieu sont avancées par-dessus cette heure : elle n’y existe pas.',
    'Donnez une heure plus tard, ou une heure d’avant le changement.',
  ),
  LOCAL_TIME_TWICE: words(
    'Les horloges de ce lieu sont reculées par-dessus cette heure : elle y existe deux fois.',
    'Ajoutez le décalage voulu, comme « 2026-10-25T02:30+02:00 ».',
  ),
  RANGE_INVERTED: words('La fin est avant le début.', 'Échangez les deux, ou corrigez l’un d’eux.'),
  RANGE_TOO_LONG: words(
    'La période est plus longue que ce qui peut être demandé en une fois.',
    'Demandez au plus la période indiquée dans les faits, puis la suivante.',
  ),
  TIME_PASSED: words('Cette heure est passée.', 'Cherchez des créneaux à partir de maintenant.'),
  CLOSURE_OVERLAPS: words(
    'Une autre fermeture du même lieu ou du même agent couvre une partie du même temps.',
    'Retirez la fermeture indiquée dans les faits, ou choisissez des heures qui ne la touchent pas.',
  ),
  BUSY_TIMES_INVALID: words(
    'Ce n’est pas un calendrier iCalendar, ou il est illisible.',
    'Exportez de nouveau le calendrier au format RFC 5545, 200 ko au plus ; ce qui était importé le reste.',
  ),
  FEED_UNKNOWN: words(
    'Cette adresse d’agenda n’existe pas, ou elle a pris fin.',
    'Demandez une nouvelle adresse à qui tient l’agenda.',
  ),
  SLOT_UNKNOWN: words(
    'L’agenda n’a pas de tel créneau.',
    'Cherchez de nouveau et prenez un créneau tel qu’il est proposé ; l’agenda a pu changer.',
  ),
  SLOT_TAKEN: words('Quelqu’un d’autre vient de prendre ce créneau.', 'Prenez-en un autre ; rien n’a été réservé.'),
  SLOT_RESERVED: words(
    'Ce créneau est gardé, jusqu’à peu avant l’heure, pour les personnes accompagnées ou vulnérables.',
    'Prenez-en un autre, ou dites que vous êtes accompagné si c’est le cas : aucun justificatif n’est demandé.',
  ),
  SLOT_NOT_OPEN: words(
    'Ce créneau ne peut plus être réservé, ou pas encore.',
    'Prenez-en un autre, ou téléphonez au lieu : un agent peut encore le réserver.',
  ),
  URGENT_SEEN_TODAY: words(
    'Pour ce motif, on est reçu le jour même, sans rendez-vous.',
    'Venez aujourd’hui : une recherche dit où, et jusqu’à quelle heure.',
  ),
  HOLD_UNKNOWN: words('Il n’y a pas de tel créneau gardé pour cet appelant.', 'Prenez de nouveau un créneau.'),
  HOLD_EXPIRED: words(
    'Le créneau n’était gardé que quelques minutes, et elles sont passées.',
    'Reprenez le créneau s’il est encore libre ; ce que vous avez rempli n’est pas perdu pour autant.',
  ),
  APPOINTMENT_UNKNOWN: words(
    'Il n’y a pas de tel rendez-vous pour cet appelant.',
    'Consultez la liste des rendez-vous, ou utilisez le lien de la confirmation.',
  ),
  APPOINTMENT_INVALID: words(
    'Quelque chose dans la demande ne convient pas à ce rendez-vous.',
    'Corrigez le champ indiqué dans les faits et envoyez de nouveau ; rien n’est perdu.',
  ),
  APPOINTMENT_ENDED: words(
    'Le rendez-vous est passé, a été annulé, ou n’est pas dans un état qui permet cela.',
    'Lisez le rendez-vous : il dit où il en est.',
  ),
  CHANGE_TOO_LATE: words(
    'Si peu de temps avant le rendez-vous, vous ne pouvez plus le déplacer ni l’annuler vous-même.',
    'Téléphonez au lieu d’accueil : un agent peut encore le faire. Ne pas venir n’a pas non plus de conséquence.',
  ),
  APPOINTMENT_LIMIT_REACHED: words(
    'Vous avez déjà un rendez-vous pour ce motif.',
    'Déplacez-le, ou annulez-le d’abord ; un agent peut en réserver un autre pour vous.',
  ),
  BOOKING_NOT_ALLOWED: words(
    'Ce rendez-vous ne peut pas être pris de cette manière.',
    'Connectez-vous, utilisez un lien que l’organisme vous a donné, ou demandez à un agent de le prendre.',
  ),
  MANDATE_MISSING: words(
    'Un aidant a besoin pour cela d’un mandat de la personne.',
    'Indiquez le mandat et ses jours, ou laissez la personne le faire.',
  ),
  MANDATE_ENDED: words(
    'Le mandat n’est pas en vigueur aujourd’hui.',
    'Renouvelez-le avec la personne, puis recommencez.',
  ),
  BOOKING_LINK_UNKNOWN: words(
    'Ce lien ne mène nulle part : il a pris fin, a déjà servi, ou n’a jamais été donné.',
    'Demandez un nouveau lien à l’organisme, ou réservez par téléphone ou au guichet.',
  ),
  PRE_APPLICATION_INVALID: words(
    'Ce n’est pas un numéro de pré-demande, ou il n’y en a pas un par document.',
    'Donnez les 10 lettres et chiffres de la pré-demande, un numéro par document.',
  ),
  PRE_APPLICATION_NOT_VALIDATED: words(
    'Le service national ne dit pas que cette pré-demande est validée.',
    'Terminez la pré-demande, ou corrigez son numéro ; une pré-demande utilisée ou expirée est à refaire.',
  ),
  PRE_APPLICATION_ALREADY_BOOKED: words(
    'Il y a déjà un rendez-vous avec cette pré-demande, peut-être dans une autre mairie.',
    'Annulez-le par son lien indiqué dans les faits, ou confirmez que vous voulez aussi celui-ci.',
  ),
  HUB_UNREACHABLE: words(
    'Le service national des rendez-vous ne répond pas.',
    'Réessayez dans une minute ; un agent peut réserver sans lui. Rien n’a été réservé.',
  ),
  ALREADY_WAITING: words(
    'Vous êtes déjà sur la liste d’attente pour cela.',
    'Quittez d’abord la liste d’attente pour attendre d’autres jours ou d’autres lieux.',
  ),
  WAITING_UNKNOWN: words('Il n’y a pas de telle attente pour cet appelant.', 'Consultez la liste d’attente.'),
  WAITING_ENDED: words(
    'Cette attente a déjà pris fin.',
    'Voyez si un rendez-vous a été pris, ou inscrivez-vous de nouveau sur la liste d’attente.',
  ),
  OFFER_EXPIRED: words(
    'La proposition est passée, et le créneau a été proposé à quelqu’un d’autre.',
    'Vous attendez toujours ; le prochain créneau qui convient vous sera proposé.',
  ),
  VISIT_UNKNOWN: words('Il n’y a pas de telle visite pour cet appelant.', 'Réservez de nouveau la visite.'),
  VISIT_NOT_TAKEN: words(
    'Cet organisme ne prend pas de visites de celui-là pour ce motif.',
    'Réservez les rendez-vous un par un, ou demandez à l’organisme d’ouvrir ce motif à de telles visites.',
  ),
  VISIT_INVALID: words(
    'Ces rendez-vous ne font pas une visite : ils sont trop peu, se chevauchent, sont en des lieux différents ou à des heures d’intervalle, ou ne sont pas tous au guichet.',
    'Cherchez des visites et prenez-en une telle qu’elle est proposée.',
  ),
  VISIT_ENDED: words('La visite a déjà pris fin.', 'Lisez la visite : elle dit ce qu’elle est devenue.'),
  PLACE_CLOSED: words(
    'Personne n’est reçu pour ce motif en ce lieu maintenant.',
    'Venez aux heures d’ouverture, ou réservez : une recherche dit quand.',
  ),
  TICKET_UNKNOWN: words('Il n’y a pas de tel ticket.', 'Consultez la liste des tickets du lieu.'),
  TICKET_ENDED: words('La personne a déjà été reçue, ou elle est partie.', 'Donnez-lui un autre ticket.'),
  CALLBACK_UNKNOWN: words('Il n’y a pas de tel rappel pour cet appelant.', 'Consultez la liste des rappels.'),
  CALLBACK_ENDED: words('Le rappel a déjà pris fin.', 'Demandez-en un autre.'),
}
