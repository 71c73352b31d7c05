/**
 * A text as it is printed: in French a narrow no-break space before a high punctuation mark and inside quotation marks;
 * in any language no line break inside a telephone number or between a number and its unit.
 */
export const typeset = (text: string): string =>
  text
    .replace(/ ([:;!?»])/g, '\u202f$1')
    .replace(/« /g, '«\u202f')
    .replace(/(\d) (?=\d|h\b|jours?\b|days?\b|mois\b|months?\b|€|%)/g, '$1\u00a0')
