// Reads a JSON list of messages, judges each by commitlint with @commitlint/config-conventional, and writes a JSON list of
// the names of the rules at level 2 that each breaks.
import lint from "@commitlint/lint";
import load from "@commitlint/load";

const config = await load({ extends: ["@commitlint/config-conventional"] });
const options = {
    parserOpts: config.parserPreset?.parserOpts ?? {},
    plugins: config.plugins ?? {},
    ignores: config.ignores ?? [],
    defaultIgnores: config.defaultIgnores ?? true,
};
let text = "";
for await (const chunk of process.stdin) text += chunk;
const verdicts = [];
for (const message of JSON.parse(text)) {
    try {
        const { errors } = await lint(message, config.rules, options);
        verdicts.push(errors.map((rule) => rule.name));
    } catch (error) {
        // It falls over where nothing but white space is written, and the commit is refused.
        verdicts.push([error.message]);
    }
}
console.log(JSON.stringify(verdicts));
