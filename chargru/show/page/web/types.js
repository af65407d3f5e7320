/**
 * What the parts of the page hand to each other. Steps and layers count from 1 in a view, indices from 0.
 *
 * @typedef {"r" | "z" | "n" | "h"} Quantity
 * @typedef {"gate" | "mean" | "surprise" | "share" | "gradient"} Colour
 * @typedef {"index" | "age" | "similarity"} Order
 *
 * @typedef {object} View What is looked at; all of it stands in the page's address.
 * @property {number} step
 * @property {number} index
 * @property {number} layer
 * @property {Quantity} gate what the heat map shows, and the text where it is coloured by a gate
 * @property {Colour} colour what the text is coloured by
 * @property {Order} order of the rows of the heat map
 * @property {string} letters the name of a convention
 * @property {string[]} hold gates held, as --force writes them
 * @property {string | null} text a text typed into the page; null is the page's own
 * @property {number} tour the stop of the tour; 0 is none
 *
 * @typedef {object} SymbolData A letter and what stands around it; time is relative to the step: 0 or -1.
 * @property {string} letter
 * @property {string} subscript
 * @property {boolean} tilde
 * @property {boolean} angled
 * @property {0 | -1 | null} time
 *
 * @typedef {object} OperationData
 * @property {string} operator
 * @property {Tree[]} operands
 *
 * @typedef {string | SymbolData | OperationData} Tree A formula; a string names a number of the unit.
 *
 * @typedef {object} Convention One author's letters and formulas.
 * @property {string} name
 * @property {string} who
 * @property {Record<"r" | "z" | "n" | "h" | "x", SymbolData>} letters
 * @property {boolean} takes whether the update gate multiplies the candidate
 * @property {Record<Quantity, string>} meaning
 * @property {string[]} notes
 * @property {string} another why these equations are another network; empty if they are not
 * @property {string} rules
 * @property {Tree | null} own the candidate of the authors' own network, where they reset elsewhere
 * @property {Record<Quantity, OperationData>} formulas
 * @property {Record<Quantity, Tree[]>} chains
 * @property {Record<"r" | "z" | "n", Record<"Wx" | "bx" | "Wh" | "bh", Tree>>} addends
 *
 * @typedef {object} NetworkData
 * @property {(string | null)[]} vocabulary
 * @property {string[]} shown how each character is shown in a cell
 * @property {number} hidden_size
 * @property {number} layers
 * @property {"after" | "before"} reset
 * @property {boolean} head
 * @property {string[]} forced
 * @property {"float32" | "float16"} precision of the weights as the page holds them
 * @property {{name: string, shape: number[]}[]} tensors
 *
 * @typedef {object} Given Values that chargru computed, in base64 of float64: (S, H) a layer, and bits (S).
 * @property {number[]} steps
 * @property {{h_prev: string, r: string, z: string, n: string, h: string}[]} layers
 * @property {string} bits
 *
 * @typedef {object} Curve
 * @property {number[]} update
 * @property {(number | null)[]} train_bpc
 * @property {(number | null)[]} val_bpc
 * @property {(number | null)[]} learning_rate
 *
 * @typedef {object} Stop A stop of the tour.
 * @property {string} title
 * @property {string[]} sentences
 * @property {string} view
 * @property {string} [see] the id of what it speaks of
 *
 * @typedef {object} Payload
 * @property {Record<string, any>} run
 * @property {NetworkData} network
 * @property {string} text
 * @property {number} text_length
 * @property {string} where
 * @property {Given} given
 * @property {Convention[]} conventions
 * @property {Curve | null} curve
 * @property {string} view
 * @property {Stop[]} tour
 *
 * @typedef {object} App
 * @property {Payload} payload
 * @property {import("./network.js").Network} network
 * @property {import("./experiment.js").Experiment} experiment
 * @property {import("./state.js").Store} store
 * @property {() => Convention} convention
 */

export {};
