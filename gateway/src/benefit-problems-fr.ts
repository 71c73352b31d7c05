import type { benefitReasons } from '@unefois/proto/benefit-reasons'
import { type ProblemWords, words } from './problem-words.js'

/** The reasons about rules, procedures, applications, decisions and reviews in French. */
export const benefitReasonsInFrench: Readonly<Record<keyof typeof benefitReasons, ProblemWords>> = {
  BENEFIT_UNKNOWN: words(
    'Cet organisme n’a publié aucune règle pour une telle prestation.',
    'Consultez la liste des démarches de l’organisme, et nommez la prestation de l’une d’elles.',
  ),
  FACT_INVALID: words(
    'Une réponse n’est pas ce que la règle demande, ou elle est donnée deux fois avec des valeurs contraires.',
    'Corrigez la réponse indiquée dans les faits ; sans aucune réponse, la règle dit ce qu’elle demande.',
  ),
  RULE_RELEASE_INVALID: words(
    'La version de la règle n’a pas été publiée : quelque chose y est faux.',
    'Corrigez les fautes indiquées dans les faits ; ce qui était en vigueur le reste.',
  ),
  RULE_RELEASE_OVERLAPS: words(
    'Une autre version de la règle de cette prestation est en vigueur certains des mêmes jours.',
    'Choisissez d’autres jours, ou nommez comme remplacée la version indiquée dans les faits.',
  ),
  RULE_RELEASE_UNKNOWN: words(
    'Il n’y a pas de telle version de la règle, ou elle n’est pas en vigueur à partir de ce jour.',
    'Consultez la liste des versions de la règle de la prestation.',
  ),
  PROCEDURE_INVALID: words(
    'La démarche n’a pas été publiée : quelque chose y est faux.',
    'Corrigez les fautes indiquées dans les faits ; ce qui était en vigueur le reste.',
  ),
  APPLICATION_UNKNOWN: words('Il n’y a pas de telle demande pour cet appelant.', 'Consultez la liste des demandes.'),
  APPLICATION_NOT_TAKEN: words(
    'Cette démarche ne se dépose pas ici.',
    'La démarche indique le service compétent et comment le joindre.',
  ),
  APPLICATION_INVALID: words(
    'Un élément de la demande ne convient pas à la démarche.',
    'Corrigez ce qui est indiqué et envoyez de nouveau ; rien n’a été perdu.',
  ),
  APPLICATION_ENDED: words(
    'La demande a déjà été décidée ou retirée.',
    'Consultez la décision et les recours, ou déposez une nouvelle demande.',
  ),
  APPLICATION_CHANGED: words(
    'Le dossier a changé depuis la préparation.',
    'Relisez la demande et préparez de nouveau la décision.',
  ),
  APPLICATION_LIMIT_REACHED: words(
    'Cette personne a déposé aujourd’hui autant de demandes qu’il est possible.',
    'Complétez l’une d’elles, revenez demain, ou joignez l’organisme au guichet ou par téléphone.',
  ),
  PIECES_AWAITED: words(
    'La personne a encore du temps pour compléter sa demande.',
    'Attendez le dernier jour, ou accordez la demande.',
  ),
  ACCEPTANCE_NOT_GIVEN: words(
    'Cette demande n’a pas été acceptée par le silence de l’administration.',
    'La demande indique ce que signifie le silence et à quelle date.',
  ),
  DATUM_MISSING: words(
    'Un refus ne peut pas reposer sur une donnée inconnue.',
    'Demandez à la personne ce qui manque, ou interrogez de nouveau l’organisme qui la détient.',
  ),
  DECISION_UNKNOWN: words('Il n’y a pas de telle décision pour cet appelant.', 'La demande indique sa décision.'),
  DECISION_WITHOUT_ALGORITHM: words(
    'Aucun algorithme n’a contribué à cette décision.',
    'Lisez ses motifs, ou demandez-les au service.',
  ),
  DECISION_SIGNATURE_INVALID: words(
    'La signature n’est pas celle de cet acte par la clé de cet agent.',
    'Préparez la décision, faites-la signer telle quelle, et envoyez-la dans les 24 heures.',
  ),
  DELEGATION_UNKNOWN: words('Il n’y a pas de telle délégation.', 'Consultez la liste des délégations.'),
  DELEGATION_INVALID: words(
    'La délégation ne peut pas être enregistrée telle quelle.',
    'Corrigez ce qui est indiqué et enregistrez-la de nouveau.',
  ),
  DELEGATION_NOT_COVERING: words(
    'La délégation de l’agent n’est pas en vigueur ou ne couvre pas cette décision.',
    'Faites signer par une personne dont la délégation la couvre.',
  ),
  REVIEW_UNKNOWN: words('Il n’y a pas de tel réexamen.', 'Consultez la liste des réexamens.'),
  REVIEW_ENDED: words(
    'Le réexamen est déjà terminé.',
    'Consultez sa suite ; une nouvelle correction en ouvrira un autre.',
  ),
  REVIEW_NOT_REASSESSED: words(
    'Cette décision n’a pas encore été réexaminée.',
    'Réexaminez-la d’abord, pour que la suite repose sur ce qui est connu aujourd’hui.',
  ),
  OBSERVATIONS_NOT_INVITED: words(
    'La personne n’a pas été invitée à présenter ses observations.',
    'Invitez-la, laissez-lui le temps de répondre, puis décidez.',
  ),
  OBSERVATIONS_AWAITED: words(
    'La personne a encore du temps pour présenter ses observations.',
    'Attendez le dernier jour, ou décidez en sa faveur.',
  ),
  PROCEDURE_UNKNOWN: words('Il n’y a pas ici de telle démarche.', 'Consultez la liste des démarches de l’organisme.'),
}
