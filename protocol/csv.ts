/** How a text begins that a spreadsheet takes for a formula and runs: also behind blanks, and with the wide signs of East Asian keyboards. */
export const FORMULA = /^(?:\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/;
