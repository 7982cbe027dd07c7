/**
 * A mail address in ASCII, as SES takes one: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html.
 * Quoted names and comments, which are addresses too, are nobody's, and have carried more than an address.
 */
export function isMailAddress(text: string): boolean {
  const [, name = "", domain = ""] = /^([^@]{1,64})@([^@]{1,253})$/.exec(text) ?? [];
  const isNamed = /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$/.test(name);
  return (
    isNamed &&
    text.length <= 254 &&
    /^([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]*[a-z\d]$/i.test(domain)
  );
}

/** Whether two addresses are one mailbox: mail is told apart by case nowhere that matters. */
export function normalizeMailAddress(address: string): string {
  return address.toLowerCase();
}
