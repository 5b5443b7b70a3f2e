import { unanswered } from '../../answers.ts';
import type { Check } from '../../check.ts';
import { type Verdict, worst } from '../../verdict.ts';

const TYPES = ['text/plain', 'application/x-www-form-urlencoded'];

export const bodiesContentType: Check = {
  id: 'bodies/content-type',
  title: 'JSON sent as plain text or as a form is refused',
  fault: 'JSON sent as plain text or as a form is accepted',
  severity: 'medium',
  why: 'Any web page can send it to a server that its visitor reaches, because a browser asks nothing first',
  sends: 'a list as text/plain and as a form, which any web page can send without a CORS preflight',
  fix: 'Answer 415 to every content type except application/json',
  frameworks: {
    Express: "express.json({ type: 'application/json' }), and 415 if request.body is undefined",
    FastAPI: 'strict_content_type=True',
  },
  reference: 'WHATWG Fetch §2.2.2 (simple requests); CWE-352',
  baseline: 'request',
  async run(probe, era) {
    const verdicts: Verdict[] = [];
    for (const type of TYPES) {
      const answer = await probe.askBase(era, { headers: { 'content-type': type } });
      verdicts.push(unanswered(`${type}: ${probe.describe(answer)}`, answer));
    }
    const whole = worst(verdicts);
    // A page does not know the bearer token.
    return whole.outcome === 'fail' && probe.known.isProtected ? { ...whole, severity: 'low' } : whole;
  },
};
