import type { Reason } from '@unefois/proto/reasons'

type Two = readonly [french: string, english: string]

const otherTime: Two = [
  'Rien n’a été réservé. Choisissez un autre horaire.',
  'Nothing was booked. Choose another time.',
]

/** What a page says to a person about appointments, where the reference speaks to software. */
export const appointmentWords: Partial<Readonly<Record<Reason, readonly [title: Two, next: Two]>>> = {
  SERVICE_TYPE_UNKNOWN: [
    ['On ne peut pas prendre rendez-vous ici pour cela', 'No appointment can be made here for this'],
    [
      'L’adresse est peut-être incomplète. La page « Prendre rendez-vous » dit pour quoi vous pouvez venir.',
      'The address may be incomplete. The page “Make an appointment” says what you can come for.',
    ],
  ],
  SLOT_UNKNOWN: [['Cet horaire n’existe plus', 'This time no longer exists'], otherTime],
  SLOT_TAKEN: [['Quelqu’un d’autre vient de prendre cet horaire', 'Somebody else has just taken this time'], otherTime],
  SLOT_RESERVED: [
    [
      'Cet horaire est gardé pour des personnes accompagnées ou vulnérables',
      'This time is kept for people who are accompanied or vulnerable',
    ],
    [
      'Choisissez-en un autre, ou cochez « Je suis accompagné » si c’est le cas : aucun justificatif n’est demandé.',
      'Choose another, or tick “I am accompanied” if you are: no proof is asked.',
    ],
  ],
  HOLD_UNKNOWN: [['Cet horaire n’est plus gardé pour vous', 'This time is no longer kept for you'], otherTime],
  HOLD_EXPIRED: [
    ['Les quelques minutes sont passées', 'The few minutes are over'],
    [
      'Rien n’a été réservé. Reprenez le même horaire s’il est encore libre, ou un autre.',
      'Nothing was booked. Take the same time again if it is still free, or another.',
    ],
  ],
  APPOINTMENT_UNKNOWN: [
    ['Nous ne trouvons pas ce rendez-vous', 'We find no such appointment'],
    [
      'Vos rendez-vous sont sur la page « Mes rendez-vous ». Si vous l’avez pris sans compte, ouvrez le lien que vous avez reçu, ou appelez-nous.',
      'Your appointments are on the page “My appointments”. If you made it without an account, open the link that you were given, or call us.',
    ],
  ],
  APPOINTMENT_ENDED: [
    ['Ce rendez-vous est passé ou annulé', 'This appointment is over or was cancelled'],
    ['Vous pouvez en prendre un autre.', 'You can make another one.'],
  ],
  APPOINTMENT_INVALID: [['Quelque chose ne convient pas', 'Something does not fit'], otherTime],
  CHANGE_TOO_LATE: [
    ['C’est trop tard pour le changer ici', 'It is too late to change it here'],
    [
      'Appelez-nous : un agent peut encore le déplacer ou l’annuler. Ne pas venir n’a aucune conséquence.',
      'Call us: an agent can still move or cancel it. Not to come has no consequence.',
    ],
  ],
  BOOKING_NOT_ALLOWED: [
    ['Ce rendez-vous ne se prend pas de cette manière', 'This appointment cannot be made this way'],
    ['Appelez-nous ou venez : un agent le prend avec vous.', 'Call us or come: an agent makes it with you.'],
  ],
  URGENT_SEEN_TODAY: [
    ['Pour cela, on vous reçoit aujourd’hui, sans rendez-vous', 'For this you are seen today, without an appointment'],
    ['La page « Prendre rendez-vous » dit où venir.', 'The page “Make an appointment” says where to come.'],
  ],
  PRE_APPLICATION_INVALID: [
    ['Ce n’est pas un numéro de pré-demande', 'This is no number of a pre-application'],
    [
      'Le numéro a 10 lettres et chiffres ; il y en a un par document.',
      'The number has 10 letters and digits; there is one for each document.',
    ],
  ],
  PRE_APPLICATION_NOT_VALIDATED: [
    [
      'Cette pré-demande n’est pas validée, ou elle a déjà servi',
      'This pre-application is not validated, or was used already',
    ],
    ['Finissez la pré-demande, ou corrigez le numéro.', 'Finish the pre-application, or correct the number.'],
  ],
  PRE_APPLICATION_ALREADY_BOOKED: [
    ['Il y a déjà un rendez-vous avec cette pré-demande', 'There is an appointment with this pre-application already'],
    [
      'Annulez l’autre si vous n’en avez plus besoin : quelqu’un attend peut-être sa place. Rien n’est encore réservé ici.',
      'Cancel the other if you no longer need it: somebody may be waiting for its place. Nothing is booked here yet.',
    ],
  ],
  WAITING_UNKNOWN: [
    ['Vous n’êtes plus sur cette liste d’attente', 'You are no longer on this waiting list'],
    ['La page « Mes rendez-vous » dit ce que vous attendez.', 'The page “My appointments” says what you wait for.'],
  ],
  WAITING_ENDED: [
    ['Cette attente est finie', 'This waiting is over'],
    [
      'Regardez sur « Mes rendez-vous » si un rendez-vous a été pris pour vous.',
      'Look on “My appointments” whether an appointment was made for you.',
    ],
  ],
  ALREADY_WAITING: [
    ['Vous êtes déjà sur la liste d’attente pour cela', 'You are on the waiting list for this already'],
    [
      'Pour attendre d’autres jours ou un autre lieu, quittez d’abord la liste sur « Mes rendez-vous ».',
      'To wait for other days or another place, leave the list first on “My appointments”.',
    ],
  ],
  PLACE_CLOSED: [
    ['Personne ne peut vous rappeler pour cela en ce moment', 'Nobody can call you back for this at the moment'],
    ['Prenez un rendez-vous, ou appelez-nous.', 'Make an appointment, or call us.'],
  ],
  VISIT_UNKNOWN: [
    ['Nous ne trouvons pas cette visite à votre nom', 'We find no such visit in your name'],
    [
      'Vos rendez-vous sont sur la page « Mes rendez-vous ». Une visite qui n’y est pas n’est pas réservée.',
      'Your appointments are on the page “My appointments”. A visit that is not there is not booked.',
    ],
  ],
  VISIT_INVALID: [
    ['Ces rendez-vous ne vont pas ensemble', 'These appointments do not go together'],
    ['Rien n’a été réservé. Choisissez une autre visite.', 'Nothing was booked. Choose another visit.'],
  ],
  VISIT_NOT_TAKEN: [
    ['Un des organismes ne prend pas de visite pour cela', 'One of the bodies takes no visits for this'],
    [
      'Rien n’a été réservé. Prenez ces rendez-vous un par un.',
      'Nothing was booked. Make these appointments one by one.',
    ],
  ],
  VISIT_ENDED: [
    ['Cette visite est passée ou annulée', 'This visit is over or was cancelled'],
    [
      'Sa page dit ce qu’elle est devenue. Vous pouvez en prendre une autre.',
      'Its page says what became of it. You can make another one.',
    ],
  ],
}
