import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

// Sums up the JSON reports of vitest in a folder. In CI a skipped test is a failure: its part has
// to be installed.
const [folder = '.', anyFailed = '1'] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };
for (const file of readdirSync(folder)) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  total.passed += report.numPassedTests;
  total.failed += report.numFailedTests;
  total.skipped += report.numPendingTests + report.numTodoTests;
}
const green = anyFailed === '0' && total.failed === 0 && total.skipped === 0 && total.passed > 0;
process.exitCode = green ? 0 : 1;
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
