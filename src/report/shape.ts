/** Types of the published JSON, taken from its schema without loading it. */

import type { z } from 'zod';
import type { doctorSchema } from './doctor-schema.ts';
import type { ReportKind } from './kinds.ts';
import type { capabilitiesSchema, interactionsSchema, tasksSchema } from './provenance-schema.ts';
import type { limitsSchema, providersSchema } from './provider-schema.ts';
import type { budgetStatusSchema, insightsSchema, reportSchema, statusSchema } from './schema.ts';

/** A whole report; `by` tells which rows it has. */
export type ReportJson = DeepReadonly<z.infer<typeof reportSchema>>;
export type StatusJson = DeepReadonly<z.infer<typeof statusSchema>>;
export type InsightsJson = DeepReadonly<z.infer<typeof insightsSchema>>;
export type BudgetJson = DeepReadonly<z.infer<typeof budgetStatusSchema>>;
export type LimitsJson = DeepReadonly<z.infer<typeof limitsSchema>>;
export type ProvidersJson = DeepReadonly<z.infer<typeof providersSchema>>;
export type DoctorJson = DeepReadonly<z.infer<typeof doctorSchema>>;
export type InteractionsJson = DeepReadonly<z.infer<typeof interactionsSchema>>;
export type TasksJson = DeepReadonly<z.infer<typeof tasksSchema>>;
export type CapabilitiesJson = DeepReadonly<z.infer<typeof capabilitiesSchema>>;

type ReportOf<By, Report = ReportJson> = Report extends { readonly by: infer Kinds }
  ? By extends Kinds
    ? Report
    : never
  : never;
type RowOf<By extends ReportKind> = ReportOf<By>['rows'][number];

export type ReportRow = ReportJson['rows'][number];
export type PlainRow = RowOf<'day'>;
export type SessionRow = RowOf<'session'>;
export type BlockRow = RowOf<'block'>;
export type ToolRow = RowOf<'tool'>;
/** Every row but a tool's: it has figures. */
export type FigureRow = Exclude<ReportRow, ToolRow>;
export type BreakdownRow = NonNullable<PlainRow['breakdown']>[number];

/** What a row of this kind has besides key, figures, providers, models and breakdown. */
export type ExtrasOf<By extends ReportKind> = Omit<RowOf<By>, keyof PlainRow>;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
