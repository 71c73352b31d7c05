import type { Reason } from '@unefois/proto/reasons'
import { appointmentReasonsInFrench } from './appointment-problems-fr.js'
import { benefitReasonsInFrench } from './benefit-problems-fr.js'
import { type ProblemWords, words } from './problem-words.js'

/** The closed list of reasons in French; the English is in @unefois/proto/reasons. */
export const reasonsInFrench: Readonly<Record<Reason, ProblemWords>> = {
  TOKEN_MISSING: words(
    'Aucun jeton d’accès n’a été fourni.',
    'Envoyez un jeton d’accès émis par le service d’identité de cet organisme.',
  ),
  TOKEN_MALFORMED: words(
    'Le jeton n’est pas un JWS ou un JWE compact canonique.',
    'Envoyez le jeton exactement tel qu’il a été émis.',
  ),
  TOKEN_TYPE_WRONG: words(
    'Le jeton n’est pas du type attendu pour cet usage.',
    'Utilisez le type de jeton indiqué dans la documentation de cette opération.',
  ),
  TOKEN_ALGORITHM_REFUSED: words(
    'Le jeton désigne un algorithme qui n’est pas enregistré pour son émetteur.',
    'Signez avec l’algorithme de la clé enregistrée.',
  ),
  TOKEN_KEY_UNKNOWN: words(
    'L’émetteur ou sa clé ne figure pas dans la liste de fédération en vigueur.',
    'Vérifiez l’émetteur et le kid dans la liste de fédération.',
  ),
  TOKEN_SIGNATURE_INVALID: words(
    'La signature n’est pas valable, ou le contenu n’a pas été scellé pour ce destinataire.',
    'Obtenez un nouveau jeton auprès de son émetteur.',
  ),
  TOKEN_CLAIMS_INVALID: words(
    'Une information du jeton manque ou est mal formée.',
    'Obtenez un nouveau jeton auprès de son émetteur.',
  ),
  TOKEN_EXPIRED: words('Le jeton a expiré.', 'Obtenez un nouveau jeton.'),
  TOKEN_NOT_YET_VALID: words(
    'Le jeton n’est pas encore valable.',
    'Vérifiez l’horloge de la machine émettrice ; 60 s d’écart au plus sont admises.',
  ),
  TOKEN_AUDIENCE_WRONG: words(
    'Le jeton a été émis pour un autre destinataire.',
    'Demandez à votre propre service d’identité un jeton pour ce destinataire.',
  ),
  TOKEN_REPLAYED: words(
    'Ce jeton à usage unique a déjà été accepté une fois.',
    'Signez-en un nouveau pour chaque requête.',
  ),
  CLIENT_UNKNOWN: words(
    'Le client n’est pas enregistré auprès de cet organisme.',
    'Demandez à l’organisme d’enregistrer le client et sa clé publique.',
  ),
  CALLER_NOT_ALLOWED: words(
    'Ce type d’appelant ne peut pas utiliser cette opération.',
    'Consultez la règle d’accès de l’opération dans son contrat.',
  ),
  ASSURANCE_TOO_LOW: words(
    'La connexion a été faite à un niveau de garantie inférieur à celui que demande cette opération.',
    'Connectez-vous de nouveau au niveau indiqué dans required_acr.',
  ),
  SENDER_MISMATCH: words(
    'Le membre prouvé par le courtier n’est pas celui qui a signé le message.',
    'Envoyez avec le compte d’appel du membre qui signe.',
  ),
  DEADLINE_MISSING: words('L’appel ne porte aucune échéance.', 'Fixez une échéance à chaque appel.'),
  DEADLINE_EXCEEDED: words(
    'Le temps restant ne suffisait pas pour répondre.',
    'Appelez de nouveau avec une échéance plus longue.',
  ),
  REQUEST_MALFORMED: words('La requête ne peut pas être lue.', 'Encodez la requête comme l’indique son contrat.'),
  REQUEST_INVALID: words(
    'Un champ de la requête manque ou n’est pas admis.',
    'Corrigez le champ nommé dans le message.',
  ),
  FILTER_UNKNOWN: words(
    'Rien dans cette liste ne pourrait avoir la valeur demandée par un filtre.',
    'Utilisez une des valeurs indiquées, ou retirez le filtre.',
  ),
  PAGE_TOKEN_MISMATCH: words(
    'Le jeton de page a été donné sous d’autres filtres, ou par une autre liste.',
    'Gardez les filtres de la page précédente, ou recommencez sans jeton de page.',
  ),
  REQUEST_TOO_LARGE: words(
    'Le message dépasse la taille limite.',
    'Envoyez 256 ko au plus ; un contenu plus grand passe par une référence chiffrée.',
  ),
  CONTENT_TYPE_UNSUPPORTED: words(
    'Cette opération ne lit pas ce type de contenu.',
    'Envoyez du contenu de type application/json.',
  ),
  RATE_LIMITED: words(
    'Trop de requêtes en peu de temps.',
    'Attendez la durée indiquée dans Retry-After, puis appelez de nouveau.',
  ),
  METHOD_UNKNOWN: words('Cette opération n’existe pas ici.', 'Vérifiez le nom dans le contrat.'),
  IDEMPOTENCY_KEY_MISSING: words(
    'Cette opération a un effet et demande une clé d’idempotence.',
    'Envoyez une idempotency-key nouvelle, et la même quand vous réessayez.',
  ),
  IDEMPOTENCY_KEY_REUSED: words(
    'La même clé d’idempotence accompagnait une autre requête.',
    'Utilisez une clé nouvelle pour chaque nouvelle requête.',
  ),
  IDEMPOTENCY_IN_PROGRESS: words(
    'La première requête avec cette clé d’idempotence est encore en cours.',
    'Appelez de nouveau dans un instant avec la même clé.',
  ),
  FEDERATION_LIST_EXPIRED: words(
    'La liste de fédération a plus de 24 heures et aucune plus récente n’a pu être obtenue.',
    'Vérifiez que le signataire de la fédération est joignable.',
  ),
  FEDERATION_LIST_INVALID: words(
    'La liste de fédération n’est pas une liste que ce membre peut accepter.',
    'Récupérez la liste signée par le signataire de la fédération, de numéro au moins aussi élevé.',
  ),
  MEMBER_UNKNOWN: words(
    'Ce membre ne figure pas dans la liste de fédération en vigueur.',
    'Consultez GET /v1/agencies pour connaître les membres.',
  ),
  EVIDENCE_TYPE_UNKNOWN: words(
    'Ce type de justificatif ne figure pas dans la liste de fédération en vigueur.',
    'Consultez GET /v1/evidence-types.',
  ),
  PURPOSE_NOT_AUTHORISED: words(
    'Aucune autorisation en vigueur ne permet à ce demandeur d’obtenir ce justificatif pour cette finalité.',
    'Demandez une autorisation au fournisseur ; elle exige sa propre signature.',
  ),
  FIELD_NOT_AUTHORISED: words(
    'Un champ ou une question demandés ne figurent pas dans l’autorisation.',
    'Ne demandez que les champs de l’autorisation.',
  ),
  SUBJECT_UNKNOWN: words(
    'Personne n’est connu ici sous ce pseudonyme.',
    'Enregistrez d’abord la personne auprès de votre service d’identité.',
  ),
  TICKET_INVALID: words(
    'Le ticket ne peut pas être ouvert ou n’a pas été émis par l’autorité d’identité.',
    'Demandez un nouveau ticket.',
  ),
  TICKET_MISUSED: words(
    'Le ticket a été émis pour un autre demandeur, fournisseur, finalité, personne ou fondement.',
    'Demandez un ticket pour cet échange précis.',
  ),
  LOGIN_HANDLE_INVALID: words(
    'La référence de connexion est inconnue, expirée ou appartient à un autre organisme.',
    'Connectez-vous de nouveau.',
  ),
  SUBJECT_SPLIT: words(
    'Ce pseudonyme désignait plus d’une personne et ne désigne plus personne.',
    'Enregistrez de nouveau la personne, avec l’identité pivot de votre propre fichier.',
  ),
  SUBJECT_DECEASED: words(
    'La personne est décédée ; rien n’est demandé en son nom.',
    'Suivez votre procédure en cas de décès ; les héritiers s’adressent à un guichet.',
  ),
  AGE_NOT_REACHED: words(
    'Ceci ne peut être demandé que pour une personne qui a sûrement l’âge que le fournisseur a fixé.',
    'Proposez une autre voie à la personne : un document à elle, ou un guichet.',
  ),
  PIVOT_TAKEN: words(
    'Une autre inscription au registre porte cette identité pivot.',
    'Vérifiez l’identité pivot ; si les deux inscriptions sont une même personne, fusionnez-les.',
  ),
  ENROLMENT_QUOTA_REACHED: words(
    'Cet organisme a interrogé aujourd’hui sur autant de personnes qu’il le peut.',
    'Renvoyez les mêmes inscriptions demain (UTC) ; rien de cet appel n’a été pris en compte.',
  ),
  QUESTION_UNKNOWN: words('Cette question n’existe pas.', 'Consultez la liste des questions ouvertes.'),
  QUESTION_DECIDED: words(
    'Cette question a déjà reçu une décision.',
    'Lisez la décision ; une erreur se corrige par une fusion ou une séparation.',
  ),
  PROTECTION_UNKNOWN: words(
    'Il n’y a pas ici de protection que cet appelant puisse lever.',
    'Vérifiez l’identifiant ; une protection est levée par qui l’a enregistrée, ou par l’autorité d’identité.',
  ),
  NOTICE_REQUIRED: words(
    'La personne n’a pas été informée de cet échange.',
    'Enregistrez l’information montrée à la personne et envoyez son identifiant de fondement.',
  ),
  NOTICE_MISMATCH: words(
    'L’information donnée concerne un autre fournisseur, finalité, justificatif ou fondement.',
    'Enregistrez une information pour cet échange précis.',
  ),
  STATEMENT_REQUIRED: words(
    'L’échange ne repose sur rien : son mode exige une déclaration signée.',
    'Enregistrez la demande de la personne, ou l’usage proactif, et envoyez son identifiant de base.',
  ),
  STATEMENT_MISMATCH: words(
    'La déclaration est d’un autre mode, ou porte sur un autre fournisseur, une autre finalité, un autre type ou une autre base.',
    'Enregistrez une déclaration pour cet échange précisément.',
  ),
  PREVIEW_REQUIRED: words(
    'La personne n’a pas vu et confirmé ce qui serait transmis.',
    'Envoyez la personne sur la page d’aperçu du portail, puis redemandez.',
  ),
  PREVIEW_DECLINED: words(
    'La personne a vu ce qui serait transmis et a dit non.',
    'Proposez une autre voie à la personne ; ne lui tenez jamais rigueur de sa réponse.',
  ),
  OPPOSITION_STANDS: words(
    'La personne s’oppose à l’usage proactif de ses données pour cette finalité.',
    'Ne demandez rien et ne la contactez pas par cette voie ; ce qu’elle demande elle-même lui reste ouvert.',
  ),
  PURPOSE_LOCKED: words(
    'Ce qui a été recueilli se lit pour la finalité de ce recueil, et pour aucune autre.',
    'Nommez cette finalité ; pour une autre, redemandez avec une autorisation qui lui est propre.',
  ),
  CONSENT_REQUIRED: words(
    'Cet échange demande le consentement de la personne et il n’y en a pas.',
    'Ouvrez une demande de consentement ; la personne y répond auprès de l’autorité de consentement.',
  ),
  CONSENT_MISMATCH: words(
    'Le consentement concerne un autre demandeur, finalité, personne ou justificatif.',
    'Ouvrez une demande de consentement pour cet échange précis.',
  ),
  CONSENT_EXPIRED: words('Le consentement a pris fin.', 'Demandez de nouveau à la personne si le besoin demeure.'),
  CONSENT_REVOKED: words(
    'La personne a retiré son consentement.',
    'Proposez une autre voie à la personne ; ne lui reprochez jamais ce retrait.',
  ),
  CONSENT_REFUSED: words('La personne a refusé le consentement.', 'Proposez une autre voie à la personne.'),
  CONSENT_REQUEST_UNKNOWN: words(
    'Il n’y a pas de telle demande de consentement pour cette personne.',
    'Ouvrez de nouveau le lien, en étant connecté comme la personne à qui la demande s’adresse.',
  ),
  CONSENT_REQUEST_CLOSED: words(
    'La demande de consentement a déjà reçu une réponse ou a expiré.',
    'Ouvrez une nouvelle demande de consentement.',
  ),
  CONSENT_UNKNOWN: words('Il n’y a pas de tel consentement pour cette personne.', 'Consultez GET /v1/me/consents.'),
  RETURN_URL_NOT_REGISTERED: words(
    'L’adresse de retour n’est pas enregistrée pour ce membre.',
    'Utilisez une adresse de retour de la liste de fédération.',
  ),
  REVOCATION_FEED_STALE: words(
    'Le fournisseur ne peut pas être sûr qu’aucun consentement n’a été retiré ; il ne transmet rien sur consentement.',
    'Réessayez dans quelques secondes ; les autres modes continuent.',
  ),
  PREDICATE_LIMIT_REACHED: words(
    'Cette question a été posée trop souvent au sujet de cette personne.',
    'Attendez demain.',
  ),
  EVIDENCE_INVALID: words(
    'Le justificatif ne respecte pas le schéma de son type.',
    'Corrigez le champ nommé dans le message.',
  ),
  EVIDENCE_OBTAINED: words(
    'Une source l’a déjà confirmé : on ne demande pas à la personne de le déclarer.',
    'Utilisez la donnée de cet échange ; la personne peut la faire corriger.',
  ),
  EVIDENCE_SUPERSEDED: words(
    'Il existe une version plus récente de ce justificatif.',
    'Lisez la version la plus récente et corrigez celle-là.',
  ),
  EVIDENCE_UNKNOWN: words(
    'Il n’y a pas ici de telle version de ce justificatif.',
    'Vérifiez la personne, le type de justificatif et la version.',
  ),
  CORRECTION_UNKNOWN: words('Il n’y a pas ici de telle correction.', 'Consultez la liste des corrections en attente.'),
  CORRECTION_ANSWERED: words(
    'Une autre réponse a déjà été donnée à cette correction.',
    'Lisez la réponse donnée ; elle demeure.',
  ),
  CONTEST_UNKNOWN: words('Il n’y a pas ici de telle contestation.', 'Consultez la liste des contestations en attente.'),
  CONTEST_ANSWERED: words(
    'Une réponse a déjà été donnée à cette contestation.',
    'Lisez la réponse ; une erreur découverte plus tard est signalée comme correction.',
  ),
  CONTEST_LIMIT_REACHED: words(
    'Cette personne a ici autant de contestations en attente qu’il est permis.',
    'Attendez une réponse, ou joignez l’organisme à un guichet ou par téléphone.',
  ),
  CHANGES_NOT_AUTHORISED: words(
    'L’organisme détenteur n’a pas signé que ce demandeur soit averti des changements.',
    'Demandez le justificatif quand il est nécessaire, ou vérifiez l’habilitation auprès du détenteur.',
  ),
  SUBSCRIPTION_UNKNOWN: words('Il n’y a pas ici de tel abonnement.', 'Consultez la liste des abonnements en cours.'),
  POSITION_TOO_OLD: words(
    'Les événements qui suivent cette position ne sont plus conservés.',
    'Reprenez la liste des événements depuis le début, et ce à quoi ils renvoient.',
  ),
  STREAM_LIMIT_REACHED: words(
    'Ce client tient ouverts autant de flux qu’il est permis.',
    'Fermez-en un, ou lisez ceux qui sont ouverts.',
  ),
  WEBHOOK_URL_NOT_ALLOWED: words(
    'Cette adresse n’est pas de celles où l’organisme permet d’envoyer des événements.',
    'Utilisez une adresse https dont l’origine figure dans la configuration de la passerelle.',
  ),
  WEBHOOK_UNKNOWN: words('Il n’y a pas de tel webhook pour ce client.', 'Consultez la liste des webhooks.'),
  WEBHOOK_LIMIT_REACHED: words('Ce client a autant de webhooks qu’il est permis.', 'Supprimez-en un d’abord.'),
  DECLARATION_KIND_UNKNOWN: words(
    'Il n’existe pas de telle sorte de déclaration.',
    'Consultez la liste des déclarations possibles.',
  ),
  DECLARATION_INVALID: words(
    'Ce qui est déclaré n’est pas ce que demande cette sorte de déclaration.',
    'Corrigez le champ indiqué dans les faits.',
  ),
  DECLARATION_NOT_RECEIVED: words(
    'Cet organisme ne reçoit pas une telle déclaration de cette personne.',
    'Choisissez parmi les organismes proposés, ou adressez-vous à lui au guichet ou par téléphone.',
  ),
  DECLARATION_UNKNOWN: words('Il n’y a pas ici de telle déclaration.', 'Consultez la liste des déclarations.'),
  DECLARATION_ANSWERED: words(
    'Cette déclaration a reçu une réponse définitive.',
    'Lisez la réponse ; ce qui est nouveau se déclare de nouveau.',
  ),
  DECLARATION_NOTHING_MISSING: words(
    'Rien d’autre n’a été demandé pour cette déclaration.',
    'Attendez la réponse, ou déclarez de nouveau ce qui a changé.',
  ),
  DECLARATION_DEADLINE_RUNNING: words(
    'La personne a encore le temps d’envoyer ce qui lui a été demandé.',
    'Attendez la fin du délai, ou acceptez la déclaration.',
  ),
  DECLARATION_LIMIT_REACHED: words(
    'Cette personne a déclaré ici en un jour autant qu’il est permis.',
    'Réessayez demain, ou joignez l’organisme à un guichet ou par téléphone.',
  ),
  ...benefitReasonsInFrench,
  ...appointmentReasonsInFrench,
  EXCHANGE_UNKNOWN: words('Il n’y a pas de tel échange pour cet appelant.', 'Vérifiez l’identifiant de l’échange.'),
  REPLY_MISMATCH: words(
    'La réponse reçue appartient à une autre requête.',
    'Appelez de nouveau ; l’incident est consigné.',
  ),
  PROVIDER_UNREACHABLE: words(
    'L’autre membre n’a pas répondu à temps.',
    'Réessayez, ou utilisez l’une des autres voies.',
  ),
  LOGIN_REQUIRED: words(
    'Cette page demande une connexion.',
    'Connectez-vous, ou adressez-vous à un guichet ou par téléphone.',
  ),
  ORIGIN_NOT_ALLOWED: words(
    'Le formulaire a été envoyé depuis un autre site.',
    'Ouvrez de nouveau la page et envoyez le formulaire depuis celle-ci.',
  ),
  UNAVAILABLE: words('Le service n’est pas prêt.', 'Réessayez dans un instant.'),
  INTERNAL: words(
    'Quelque chose a échoué de notre côté.',
    'Réessayez ; si cela persiste, indiquez l’identifiant de trace.',
  ),
}
