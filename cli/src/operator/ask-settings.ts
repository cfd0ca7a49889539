import type { Json, JsonObject } from '@tendril/plugin-api';
import { createSchemaCompiler } from '@tendril/engine/plugins';
import { checkbox, confirm, input, password, select } from '@inquirer/prompts';
import { CommandFault } from '../failure.ts';
import { answered } from './ask.ts';
import { readValue, settingsFields } from './settings-fields.ts';
import type { SettingsField } from './settings-fields.ts';

const TO = { output: process.stderr };

/**
 * Asks for the settings of a plugin, one after another; what is wrong is said at once.
 *
 * @param known what is set already, offered as the answer
 */
export async function askSettings(schema: JsonObject, known: JsonObject): Promise<JsonObject> {
  const settings = new Map<string, Json>();
  for (const [name, value] of Object.entries(known)) if (value !== undefined) settings.set(name, value);
  for (const field of settingsFields(schema)) {
    const value = await askField(field, known[field.name] ?? field.fallback);
    if (value !== undefined) settings.set(field.name, value);
  }
  return Object.fromEntries(settings);
}

/** What is wrong with settings; empty when nothing is. Defaults count as given. */
export function settingsProblems(
  schema: JsonObject,
  settings: JsonObject,
): readonly { readonly pointer: string; readonly message: string }[] {
  return createSchemaCompiler().input(schema).validate(structuredClone(settings));
}

async function askField(field: SettingsField, before: Json | undefined): Promise<Json | undefined> {
  const message = [field.title, ...(field.description === undefined ? [] : [`(${field.description})`])].join(' ');
  const choices = field.options.map(({ value, title }) => ({ name: title, value }));
  switch (field.kind) {
    case 'boolean':
      return answered(confirm({ message, default: before === true }, TO));
    case 'choice': {
      const none = field.isRequired ? [] : [{ name: '(none)', value: undefined }];
      return answered(select<Json | undefined>({ message, choices: [...choices, ...none], default: before }, TO));
    }
    case 'choices': {
      const isChecked = (value: Json): boolean => Array.isArray(before) && before.includes(value);
      return answered(checkbox<Json>({ message, choices: choices.map((choice) => ({ ...choice, checked: isChecked(choice.value) })) }, TO));
    }
    case 'secret': {
      const hint = before === undefined ? '' : ' (empty: as it is)';
      const text = await answered(
        password({ message: `${message}${hint}`, mask: '*', validate: (typed) => judge(typed, field, before) }, TO),
      );
      return text === '' ? before : text;
    }
    default: {
      const shown = before === undefined ? {} : { default: shownText(before) };
      const text = await answered(input({ message, ...shown, validate: (typed) => judge(typed, field, undefined) }, TO));
      return text === '' ? undefined : readValue(text, field);
    }
  }
}

/** `true`, or what is wrong with what was typed. */
export function judge(typed: string, field: SettingsField, before: Json | undefined): true | string {
  if (typed === '') return field.isRequired && before === undefined ? 'It is needed.' : true;
  try {
    const value = readValue(typed, field);
    const [problem] = createSchemaCompiler().output(field.schema).validate(value);
    return problem === undefined ? true : `It ${problem.message}.`;
  } catch (error) {
    if (error instanceof CommandFault) return error.message;
    throw error;
  }
}

function shownText(value: Json): string {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
