import { defineFormat, jsonBody } from '../format.ts';
import { alertMessage } from '../payload.ts';

export default defineFormat({ of: (params) => jsonBody(alertMessage(params)) });
