/** A4 (OOXML's paper 9), printed one page wide and as many high as it takes. */
export const paper = { paperSize: 9, fitToPage: true, fitToWidth: 1, fitToHeight: 0 } as const;
