/** What becomes of an object that others change too, and what its change tells; null leaves it as it is. */
export type RecordUpdate<T, A> = { after: T | null; answer: A };
