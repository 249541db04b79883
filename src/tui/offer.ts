/** Something a first start can set up. Nothing is changed before a yes. */
export interface Offer {
  /** What one has of it, in a few words. */
  readonly title: string;
  /** The same in a sentence or two, with the way to undo it. */
  readonly gives: string;
  /** What has to be typed for it; absent: nothing. */
  readonly fields?: readonly OfferField[];
  /** What it would change, with what was typed into its fields. @throws with why it cannot be, in a sentence */
  plan(texts: readonly string[]): Promise<OfferPlan | WrongField>;
}

export interface OfferField {
  readonly label: string;
  /** What stands in it at first. */
  readonly text: string;
}

/** One of the fields is not as it must be. */
export interface WrongField {
  readonly field: number;
  /** What is wrong and how it must be, in sentences. */
  readonly wrong: string;
}

export interface OfferPlan {
  /** Which file, and the lines that it would get or lose: `+` and `-` before them. */
  readonly lines: readonly string[];
  /** Makes the change and tells what was done. @throws with why it was not; absent: there is nothing to change. */
  readonly carryOut?: () => Promise<readonly string[]>;
}
