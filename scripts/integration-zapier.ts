import { checkZapierApp } from './integrations/zapier.ts';

const { validated, tested } = await checkZapierApp();
console.log(validated + tested);
