/**
 * Claude Code's usual rows, responses, answers of tools, prompts, hooks and those that tell nothing, read without a JavaScript
 * value for each: nearly all rows of a log. The reference is ../../agents/claude-code/session.ts, which reads every row;
 * whatever is not plainly usual is left to it. The host is ../../agents/claude-code/usual-rows.ts, which lays the roles out.
 */
import { hashTo } from './keyed-hash';
import {
  bytes,
  copyWord,
  dropAhead,
  packed,
  same,
  scanAhead,
  standsFor,
  TAG_ARRAY,
  TAG_ELEMENT,
  TAG_NEW_WORD,
  TAG_OBJECT,
  TAG_SIZED_TEXT,
  TAG_TRUE,
  TAG_WHOLE,
  TAG_WORD,
  tape,
  top,
  WORD_LIMIT,
  wordNames,
} from './scanner';
import { timeOf } from './time';

// roles of the plan's fields; 0: no matter
const TYPE: i32 = 1;
const TIMESTAMP: i32 = 2;
const UUID: i32 = 3;
const CWD: i32 = 4;
const BRANCH: i32 = 5;
const VERSION: i32 = 6;
const SIDECHAIN: i32 = 7;
const API_ERROR: i32 = 8;
/** 9, and any other: the mere presence is unusual. */
const MESSAGE: i32 = 10;
const MESSAGE_ID: i32 = 11;
const MODEL: i32 = 12;
const USAGE: i32 = 13;
const TIER: i32 = 14;
const SPEED: i32 = 15;
const CONTENT: i32 = 16;
const BLOCK_TYPE: i32 = 17;
const BLOCK_ID: i32 = 18;
const BLOCK_NAME: i32 = 19;
const BLOCK_INPUT: i32 = 20;
const ANSWERS: i32 = 21;
const IS_ERROR: i32 = 22;
const BLOCK_CONTENT: i32 = 23;
/** Of a tool's result: unusual in the row of an answer. */
const RESULT_FACT: i32 = 24;
/** Of a user's row, that nobody wrote it. */
const QUIET: i32 = 25;
const SUBTYPE: i32 = 26;
/** Of a progress row. */
const DATA_TYPE: i32 = 27;
const HOOK_EVENT: i32 = 28;
const HOOK_NAME: i32 = 29;
// the counts, in the order of `counts`
const FIRST_COUNT: i32 = 32;
const INPUT: i32 = 0;
const CACHE_READ: i32 = 1;
const CACHE_WRITE: i32 = 2;
const WRITE_5M: i32 = 3;
const WRITE_1H: i32 = 4;
const OUTPUT: i32 = 5;
const THINKING: i32 = 6;
const REASONING: i32 = 7;
const WEB_SEARCHES: i32 = 8;

// what is told: turns with the prompts between them, and calls, each as f64 values in a row
const MOST_TURNS: i32 = 512;
const TURN_SIZE: usize = 8 * 20;
const KEY_AT: usize = 0;
const KEY_SIZE: usize = 8;
const TURN_MODEL: usize = 16;
const TURN_TIER: usize = 24;
const HAS_BRANCH: usize = 32;
const IS_FAST: usize = 40;
const FIRST_CALL: usize = 48;
const CALLS: usize = 56;
const AT: usize = 64;
/** Input, cache read, 5m and 1h write, output, reasoning (-1: not told), web searches. */
const TURN_COUNTS: usize = 72;
const PROMPT: usize = 128;
const CONTEXT: usize = 136;
/**
 * 1: a prompt, of which only key, branch and time are told; its model is that of the turn before. 2: a hook, of which key,
 * time, name (in the model's place) and event (in the tier's) are. 3: the answer to a call told before, of which key, time
 * and, in the place of the counts, size and whether it is an error are. 0: a turn.
 */
const ENTRY_KIND: usize = 144;

const MOST_CALLS: i32 = 1024;
const CALL_SIZE: usize = 8 * 10;
const CALL_KEY_AT: usize = 0;
const CALL_KEY_SIZE: usize = 8;
const CALL_NAME: usize = 16;
const CALL_AT: usize = 24;
const INPUT_SIZE: usize = 32;
/** Where its hash lies in the texts. */
const INPUT_HASH_AT: usize = 40;
const IS_OPEN: usize = 48;
const ANSWERED_AT: usize = 56;
const ANSWER_SIZE: usize = 64;
const ANSWER_IS_ERROR: usize = 72;

const MOST_BLOCKS: i32 = 16;
/** Half of what ../../agents/claude-code/notes.ts keeps. */
const MOST_OPEN: i32 = 32;
const MOST_NAMES: i32 = 4096;
const HASH_SIZE: i32 = 16;
const TEXTS_SIZE: usize = 256 * 1024;
const NAMES_SIZE: usize = 128 * 1024;

const roles: usize = memory.data(256);
const turns: usize = memory.data(81920, 16); // MOST_TURNS * TURN_SIZE
const calls: usize = memory.data(81920, 16); // MOST_CALLS * CALL_SIZE
const texts: usize = memory.data(262272, 16); // TEXTS_SIZE, and room for a word
const names: usize = memory.data(131200, 16); // NAMES_SIZE, and room for a word
/** Ends of the names in `names`, an i32 each, the first name's at 4. */
const nameEnds: usize = memory.data(16400, 4);
/** Addresses of calls that wait for their answer, the newest last. */
const openCalls: usize = memory.data(256, 4);
const counts: usize = memory.data(36, 4);
/** Blocks of the row's message that are calls: addresses and sizes of id and name, the name's slot, and where the input lies. */
const blocks: usize = memory.data(512, 4); // MOST_BLOCKS * BLOCK_SIZE
const BLOCK_SIZE: usize = 32;
/** What the file said last, as words: the branch, its agent's version and the model; and the id of the last user's row. */
const branch: usize = memory.data(64, 16);
const version: usize = memory.data(64, 16);
const model: usize = memory.data(64, 16);
/** Key of the turn told last before: its copies are for the host, which has it. */
const lastKey: usize = memory.data(64, 16);
const user: usize = memory.data(64, 16);
/** Words the host has written, at each 64 bytes: types of rows that tell nothing, and from the 16th on subtypes of `system`. */
const silent: usize = memory.data(2048, 16);
const silentSizes: usize = memory.data(128, 4);
const SILENT_WORDS: i32 = 16;
const table: usize = memory.data(56, 4);
const told: usize = memory.data(32, 4);

let branchSize: i32 = 0;
let versionSize: i32 = 0;
/** Prompts wait for an answer. */
let isAsked: bool = false;
/** An answer may be to a call the host knows. */
let mayBeLate: bool = false;
/** Such an answer was told behind the last turn. */
let isLate: bool = false;
let modelSize: i32 = 0;
let lastKeySize: i32 = 0;
/** The file has said whose it is; before, only rows that tell nothing are usual. */
let hasFacts: bool = false;
let isOfAgent: bool = false;
let hasFolder: bool = false;

let turnCount: i32 = 0;
let lastTurn: usize = 0;
let callCount: i32 = 0;
let openCount: i32 = 0;
/** The most calls that were open at once. */
let mostOpen: i32 = 0;
let nameCount: i32 = 0;
let textsSize: i32 = 0;
let rows: i32 = 0;
let userSize: i32 = 0;
let begin: i32 = 0;

// of the row that is being read
let rowKind: i32 = 0;
let at: f64 = 0;
let uuid: usize = 0;
let uuidSize: i32 = 0;
let hasBranch: bool = false;
let hasMessage: bool = false;
let hasUsage: bool = false;
let hasResultFacts: bool = false;
let isFast: bool = false;
let id: usize = 0;
let idSize: i32 = 0;
let responseModel: usize = 0;
let responseModelSize: i32 = 0;
let responseModelSlot: i32 = 0;
let tierSlot: i32 = 0;
let tierAt: usize = 0;
let tierSize: i32 = 0;
let isList: bool = false;
let isText: bool = false;
let isQuiet: bool = false;
let isSilentSubtype: bool = false;
/** Of its data: 1 a hook, 2 an agent, 0 anything else. */
let dataKind: i32 = 0;
let hookEvent: usize = 0;
let hookEventSize: i32 = 0;
let hookEventSlot: i32 = 0;
let hookName: usize = 0;
let hookNameSize: i32 = 0;
let hookNameSlot: i32 = 0;
let blockCount: i32 = 0;
let blockCalls: i32 = 0;
let answers: i32 = 0;
// of the block
let blockKind: i32 = 0;
let blockId: usize = 0;
let blockIdSize: i32 = 0;
let blockName: usize = 0;
let blockNameSize: i32 = 0;
let blockNameSlot: i32 = 0;
let inputStart: i32 = 0;
let inputEnd: i32 = 0;
let answered: usize = 0;
let answeredSize: i32 = 0;
let isError: bool = false;
let answerSize: i32 = 0;

/** Where the host writes and reads, as i32 in this order. */
export function rooms(): usize {
  store<i32>(table, <i32>roles);
  store<i32>(table, <i32>turns, 4);
  store<i32>(table, <i32>calls, 8);
  store<i32>(table, <i32>texts, 12);
  store<i32>(table, <i32>names, 16);
  store<i32>(table, <i32>nameEnds, 20);
  store<i32>(table, <i32>branch, 24);
  store<i32>(table, <i32>version, 28);
  store<i32>(table, <i32>model, 32);
  store<i32>(table, <i32>lastKey, 36);
  store<i32>(table, <i32>user, 40);
  store<i32>(table, <i32>told, 44);
  store<i32>(table, <i32>silent, 48);
  store<i32>(table, <i32>silentSizes, 52);
  return table;
}

/**
 * How many rows were taken, where the row begins at which it stopped, how many turns, bytes of text and names were told,
 * the size of the last user's id (0: none), how many calls waited at once, and how many were told.
 */
function tell(): void {
  store<i32>(told, rows);
  store<i32>(told, begin, 4);
  store<i32>(told, turnCount, 8);
  store<i32>(told, textsSize, 12);
  store<i32>(told, nameCount, 16);
  store<i32>(told, userSize, 20);
  store<i32>(told, mostOpen, 24);
  store<i32>(told, callCount, 28);
}

/** What the file has said, whose words the host has written. Sizes of 0: any such word in a row is unusual. */
export function expect(
  facts: bool,
  ofAgent: bool,
  folder: bool,
  asked: bool,
  late: bool,
  branchLength: i32,
  versionLength: i32,
  modelLength: i32,
  lastKeyLength: i32,
): void {
  hasFacts = facts;
  isOfAgent = ofAgent;
  hasFolder = folder;
  branchSize = branchLength;
  versionSize = versionLength;
  isAsked = asked;
  mayBeLate = late;
  modelSize = modelLength;
  lastKeySize = lastKeyLength;
}

/** The host has taken over all that was told; calls without an answer are its business from here on. */
export function taken(): void {
  turnCount = 0;
  lastTurn = 0;
  isLate = false;
  callCount = 0;
  openCount = 0;
  mostOpen = 0;
  textsSize = 0;
  rows = 0;
  userSize = 0;
}

/** Names are told anew, under new numbers. */
export function forgetNames(words: i32): void {
  nameCount = 0;
  memory.fill(wordNames, 0, (<usize>words) << 2);
}

/**
 * Takes usual rows one after another from `from` on; the first is known to be without a newline before `search`. Gives
 * where the row ends at which it stops: -1: no end yet, -2: what was told must be taken first.
 */
export function take(from: i32, search: i32, have: i32): i32 {
  const end = takeRows(from, search, have);
  if (end < 0) dropAhead();
  tell();
  return end;
}

function takeRows(from: i32, search: i32, have: i32): i32 {
  begin = from;
  dropAhead();
  let first = search;
  while (true) {
    if (
      turnCount == MOST_TURNS ||
      callCount + MOST_BLOCKS > MOST_CALLS ||
      textsSize + 64 * 20 + HASH_SIZE * MOST_BLOCKS > <i32>TEXTS_SIZE ||
      nameCount + MOST_BLOCKS + 2 > MOST_NAMES ||
      nameEnd(nameCount) + 64 * 20 > <i32>NAMES_SIZE
    )
      return -2;
    // A row is scanned before its end is known, but not over and over while it grows.
    if (first > begin || load<u8>(bytes + begin) != 0x7b) {
      first = lineEnd(first, have);
      if (first < 0 || load<u8>(bytes + begin) != 0x7b) return first;
    }
    const behind = scanAhead(begin, first > begin ? first : have);
    if (behind < 0) return first > begin ? first : lineEnd(begin, have);
    let end = behind;
    if (end < have && load<u8>(bytes + end) == 0x0d) end++;
    if (end >= have || load<u8>(bytes + end) != 0x0a) return lineEnd(behind, have);
    if (!takeRow()) return end;
    dropAhead();
    rows++;
    begin = end + 1;
    first = begin;
  }
}

/** Where the next newline is; -1: there is none before `have`. Reads up to 63 bytes beyond. */
function lineEnd(from: i32, have: i32): i32 {
  const newline = i8x16.splat(10);
  let place = bytes + from;
  const end = bytes + have;
  while (place < end) {
    const a = i8x16.eq(v128.load(place), newline);
    const b = i8x16.eq(v128.load(place, 16), newline);
    const c = i8x16.eq(v128.load(place, 32), newline);
    const d = i8x16.eq(v128.load(place, 48), newline);
    if (v128.any_true(v128.or(v128.or(a, b), v128.or(c, d)))) {
      const found =
        <u64>i8x16.bitmask(a) |
        ((<u64>i8x16.bitmask(b)) << 16) |
        ((<u64>i8x16.bitmask(c)) << 32) |
        ((<u64>i8x16.bitmask(d)) << 48);
      place += <usize>ctz(found);
      return place < end ? <i32>(place - bytes) : -1;
    }
    place += 64;
  }
  return -1;
}

/** False: unusual, and nothing is taken. */
function takeRow(): bool {
  rowKind = 0;
  at = -1;
  uuidSize = 0;
  hasBranch = false;
  hasMessage = false;
  hasUsage = false;
  hasResultFacts = false;
  isFast = false;
  idSize = 0;
  responseModelSize = 0;
  tierSize = 0;
  isList = false;
  isText = false;
  isQuiet = false;
  isSilentSubtype = false;
  dataKind = 0;
  hookEventSize = 0;
  hookNameSize = 0;
  blockCount = 0;
  blockCalls = 0;
  answers = 0;
  memory.fill(counts, 0, 36);
  store<i32>(counts + ((<usize>THINKING) << 2), -1);
  store<i32>(counts + ((<usize>REASONING) << 2), -1);
  for (let entry = tape; entry < top; entry += 16) {
    const head = load<i32>(entry);
    const role = <i32>load<u8>(roles + <usize>(head >>> 4));
    if (role != 0 && !takeEntry(role, head & 15, entry)) return false;
  }
  if (blockCount > 0 && !endBlock()) return false;
  if (rowKind == 3) return true;
  if (rowKind == 4) return isSilentSubtype;
  if (!hasFacts) return false;
  if (rowKind == 5) return takeProgress();
  if (at < 0) return false;
  if (rowKind == 1) return takeResponse();
  return rowKind == 2 && takeUser();
}

function takeEntry(role: i32, tag: i32, entry: usize): bool {
  if (role >= FIRST_COUNT) {
    if (tag != TAG_WHOLE) return false;
    store<i32>(counts + ((<usize>(role - FIRST_COUNT)) << 2), load<i32>(entry, 4));
    return true;
  }
  const start = load<i32>(entry, 4);
  const end = load<i32>(entry, 8);
  const size = end - start;
  const isWord = tag == TAG_WORD || tag == TAG_NEW_WORD;
  const text = (tag == TAG_NEW_WORD ? packed : bytes) + <usize>start;
  switch (role) {
    case TYPE:
      if (!isWord) return false;
      if (size == 9 && load<u64>(text) == 0x6e61747369737361 && load<u8>(text, 8) == 0x74) rowKind = 1;
      else if (size == 4 && load<u32>(text) == 0x72657375) rowKind = 2;
      else if (size == 6 && load<u32>(text) == 0x74737973 && load<u16>(text, 4) == 0x6d65)
        rowKind = 4; // system
      else if (size == 8 && load<u64>(text) == 0x73736572676f7270)
        rowKind = 5; // progress
      else if (isSilent(text, size, 0)) rowKind = 3;
      else return false;
      return true;
    case SUBTYPE:
      isSilentSubtype = isWord && isSilent(text, size, SILENT_WORDS);
      return isWord;
    case DATA_TYPE:
      if (!isWord) return false;
      if (size == 13 && load<u64>(text) == 0x6f72705f6b6f6f68 && load<u64>(text, 5) == 0x73736572676f7270)
        dataKind = 1; // hook_progress
      else if (size == 14 && load<u64>(text) == 0x72705f746e656761 && load<u64>(text, 6) == 0x73736572676f7270)
        dataKind = 2; // agent_progress
      else dataKind = 0;
      return true;
    case HOOK_EVENT:
      hookEvent = text;
      hookEventSize = size;
      hookEventSlot = load<i32>(entry, 12);
      return isWord && size > 0;
    case HOOK_NAME:
      hookName = text;
      hookNameSize = size;
      hookNameSlot = load<i32>(entry, 12);
      return isWord && size > 0;
    case TIMESTAMP:
      at = isWord && size == 24 ? timeOf(text) : -1;
      return at >= 0;
    case UUID:
      uuid = text;
      uuidSize = size;
      return isWord;
    case CWD:
      return hasFolder;
    case BRANCH:
      if (size == 0) return true;
      hasBranch = true;
      return isWord && size == branchSize && same(text, branch, size);
    case VERSION:
      return isWord && size == versionSize && same(text, version, size);
    case SIDECHAIN:
      return tag != TAG_TRUE || isOfAgent;
    case API_ERROR:
      return tag != TAG_TRUE;
    case MESSAGE:
      hasMessage = tag == TAG_OBJECT;
      return hasMessage;
    case MESSAGE_ID:
      id = text;
      idSize = size;
      return isWord;
    case MODEL:
      responseModel = text;
      responseModelSize = size;
      responseModelSlot = load<i32>(entry, 12);
      return isWord;
    case USAGE:
      hasUsage = tag == TAG_OBJECT;
      return hasUsage;
    case TIER:
      tierAt = text;
      tierSize = size;
      tierSlot = load<i32>(entry, 12);
      return isWord;
    case SPEED:
      isFast = size == 4 && load<u32>(text) == 0x74736166;
      return isWord;
    case CONTENT:
      if (tag == TAG_ARRAY) {
        isList = true;
        return true;
      }
      isText = tag == TAG_SIZED_TEXT;
      if (tag != TAG_ELEMENT) return true;
      if (blockCount > 0 && !endBlock()) return false;
      blockCount++;
      blockKind = 0;
      blockIdSize = 0;
      blockNameSize = 0;
      inputEnd = 0;
      answeredSize = 0;
      isError = false;
      answerSize = 0;
      return true;
    case BLOCK_TYPE:
      if (!isWord) return false;
      if (size == 8 && load<u64>(text) == 0x6573755f6c6f6f74)
        blockKind = 1; // tool_use
      else if (size == 11 && load<u64>(text) == 0x7365725f6c6f6f74 && load<u32>(text, 7) == 0x746c7573)
        blockKind = 2; // tool_result
      else if (size == 15 && load<u64>(text) == 0x745f726576726573) return false; // server_tool_use
      return true;
    case BLOCK_ID:
      blockId = text;
      blockIdSize = size;
      return isWord;
    case BLOCK_NAME:
      blockName = text;
      blockNameSize = size;
      blockNameSlot = load<i32>(entry, 12);
      return isWord;
    case BLOCK_INPUT:
      inputStart = start;
      inputEnd = end;
      return true;
    case ANSWERS:
      answered = text;
      answeredSize = size;
      return isWord;
    case IS_ERROR:
      isError = tag == TAG_TRUE;
      return true;
    case BLOCK_CONTENT:
      answerSize = size;
      return true;
    case QUIET:
      isQuiet = isQuiet || tag == TAG_TRUE;
      return true;
    case RESULT_FACT:
      hasResultFacts = true;
      return true;
    default:
      return false;
  }
}

function endBlock(): bool {
  if (blockKind == 2) {
    answers++;
    return true;
  }
  if (blockKind == 0) return true;
  if (blockIdSize == 0 || blockNameSize == 0 || inputEnd == 0 || blockCalls == MOST_BLOCKS) return false;
  if (startsWork(blockName, blockNameSize)) return false;
  const block = blocks + <usize>blockCalls * BLOCK_SIZE;
  store<i32>(block, <i32>blockId);
  store<i32>(block, blockIdSize, 4);
  store<i32>(block, <i32>blockName, 8);
  store<i32>(block, blockNameSize, 12);
  store<i32>(block, blockNameSlot, 16);
  store<i32>(block, inputStart, 20);
  store<i32>(block, inputEnd, 24);
  blockCalls++;
  return true;
}

/** Task, Agent, Skill, Workflow: tools of which more is told. */
function startsWork(name: usize, size: i32): bool {
  if (size == 4) return load<u32>(name) == 0x6b736154;
  if (size == 5)
    return (
      (load<u32>(name) == 0x6e656741 && load<u8>(name, 4) == 0x74) ||
      (load<u32>(name) == 0x6c696b53 && load<u8>(name, 4) == 0x6c)
    );
  return size == 8 && load<u64>(name) == 0x776f6c666b726f57;
}

function takeResponse(): bool {
  if (!hasMessage || !hasUsage || idSize < 4 || load<u32>(id) != 0x5f67736d) return false; // msg_
  if (responseModelSize == 0 || load<u8>(responseModel) == 0x3c) return false; // <synthetic>
  const isSameModel = responseModelSize == modelSize && same(responseModel, model, modelSize);
  const output = count(OUTPUT);
  const thought = count(THINKING) >= 0 ? count(THINKING) : count(REASONING);
  if (thought > output || openCount + blockCalls > MOST_OPEN) return false;
  const last = lastTurn;
  if (last == 0 && idSize == lastKeySize && same(id, lastKey, idSize)) return false;
  const isCopy = last != 0 && isCopyOf(last);
  if (isCopy && isAsked && !isOfAgent) return false;
  if (isCopy && isLate && blockCalls > 0) return false; // its calls would be told before that answer
  const ownCalls = isCopy ? <i32>load<f64>(last, FIRST_CALL) : callCount;
  for (let i = 0; i < blockCalls; i++) {
    const block = blocks + <usize>i * BLOCK_SIZE;
    const key = <usize>load<i32>(block);
    const size = load<i32>(block, 4);
    for (let other = 0; other < i; other++) {
      const before = blocks + <usize>other * BLOCK_SIZE;
      if (load<i32>(before, 4) == size && same(<usize>load<i32>(before), key, size)) return false;
    }
    for (let call = ownCalls; call < callCount; call++)
      if (isKeyOf(calls + <usize>call * CALL_SIZE, key, size)) return false;
    if (openCallOf(key, size) >= 0) return false;
  }
  const turn: usize = isCopy ? last : newTurn();
  const input = count(INPUT);
  const cacheRead = count(CACHE_READ);
  const write1h = count(WRITE_1H);
  const write5m = max(count(WRITE_5M), count(CACHE_WRITE) - write1h);
  const prompt = <f64>input + <f64>cacheRead + <f64>write5m + <f64>write1h;
  if (isCopy) store<f64>(turn, min(load<f64>(turn, AT), at), AT);
  else store<f64>(turn, at, AT);
  raise(turn, 0, <f64>input);
  raise(turn, 1, <f64>cacheRead);
  raise(turn, 2, <f64>write5m);
  raise(turn, 3, <f64>write1h);
  raise(turn, 4, <f64>output);
  raise(turn, 5, <f64>thought);
  raise(turn, 6, <f64>count(WEB_SEARCHES));
  raise(turn, 7, prompt);
  raise(turn, 8, prompt + <f64>output);
  if (isFast) store<f64>(turn, 1, IS_FAST);
  if (tierSize > 0 && load<f64>(turn, TURN_TIER) == 0)
    store<f64>(turn, <f64>nameOf(tierSlot, tierAt, tierSize), TURN_TIER);
  for (let i = 0; i < blockCalls; i++) addCall(blocks + <usize>i * BLOCK_SIZE);
  store<f64>(turn, load<f64>(turn, CALLS) + <f64>blockCalls, CALLS);
  if (!isOfAgent && !isSameModel) {
    copyWord(responseModel, model);
    modelSize = responseModelSize;
  }
  if (!isOfAgent) isAsked = false;
  return true;
}

function count(which: i32): i32 {
  return load<i32>(counts + ((<usize>which) << 2));
}

/** The counts of a turn stand one behind the other; those of a new one are -1. */
function raise(turn: usize, index: usize, value: f64): void {
  const place = turn + TURN_COUNTS + (index << 3);
  if (value > load<f64>(place)) store<f64>(place, value);
}

/** Copies are alike but for their counts. */
function isCopyOf(turn: usize): bool {
  const size = <i32>load<f64>(turn, KEY_SIZE);
  if (size != idSize || !same(texts + <usize>load<f64>(turn, KEY_AT), id, size)) return false;
  if ((load<f64>(turn, HAS_BRANCH) != 0) != hasBranch) return false;
  const name = <i32>load<f64>(turn, TURN_MODEL);
  const from = nameEnd(name - 1);
  return nameEnd(name) - from == responseModelSize && same(names + <usize>from, responseModel, responseModelSize);
}

function newTurn(): usize {
  const turn = turns + <usize>turnCount * TURN_SIZE;
  turnCount++;
  lastTurn = turn;
  isLate = false;
  store<f64>(turn, 0, ENTRY_KIND);
  store<f64>(turn, <f64>keep(id, idSize), KEY_AT);
  store<f64>(turn, <f64>idSize, KEY_SIZE);
  store<f64>(turn, <f64>nameOf(responseModelSlot, responseModel, responseModelSize), TURN_MODEL);
  store<f64>(turn, 0, TURN_TIER);
  store<f64>(turn, hasBranch ? 1 : 0, HAS_BRANCH);
  store<f64>(turn, 0, IS_FAST);
  store<f64>(turn, <f64>callCount, FIRST_CALL);
  store<f64>(turn, 0, CALLS);
  for (let i: usize = 0; i < 9; i++) store<f64>(turn + TURN_COUNTS + (i << 3), -1);
  return turn;
}

function addCall(block: usize): void {
  const call = calls + <usize>callCount * CALL_SIZE;
  callCount++;
  const size = load<i32>(block, 4);
  store<f64>(call, <f64>keep(<usize>load<i32>(block), size), CALL_KEY_AT);
  store<f64>(call, <f64>size, CALL_KEY_SIZE);
  store<f64>(call, <f64>nameOf(load<i32>(block, 16), <usize>load<i32>(block, 8), load<i32>(block, 12)), CALL_NAME);
  store<f64>(call, at, CALL_AT);
  const start = load<i32>(block, 20);
  const inputSize = load<i32>(block, 24) - start;
  store<f64>(call, <f64>inputSize, INPUT_SIZE);
  store<f64>(call, <f64>textsSize, INPUT_HASH_AT);
  hashTo(bytes + <usize>start, inputSize, texts + <usize>textsSize);
  textsSize += HASH_SIZE;
  store<f64>(call, 1, IS_OPEN);
  store<i32>(openCalls + ((<usize>openCount) << 2), <i32>call);
  openCount++;
  mostOpen = max(mostOpen, openCount);
}

function takeUser(): bool {
  if (answers > 0) return takeAnswer();
  if ((isText || blockCount > 0) && !isQuiet && !isOfAgent) {
    if (uuidSize == 0) return false;
    addPrompt();
  }
  rememberUser();
  return true;
}

function addPrompt(): void {
  const prompt = turns + <usize>turnCount * TURN_SIZE;
  turnCount++;
  store<f64>(prompt, 1, ENTRY_KIND);
  store<f64>(prompt, <f64>keep(uuid, uuidSize), KEY_AT);
  store<f64>(prompt, <f64>uuidSize, KEY_SIZE);
  store<f64>(prompt, hasBranch ? 1 : 0, HAS_BRANCH);
  store<f64>(prompt, at, AT);
  isAsked = true;
}

/** Among the host's words, from the given one on? */
function isSilent(word: usize, size: i32, from: i32): bool {
  for (let i = from; i < from + SILENT_WORDS; i++)
    if (load<i32>(silentSizes + ((<usize>i) << 2)) == size && size > 0 && same(silent + ((<usize>i) << 6), word, size))
      return true;
  return false;
}

/** What an agent says at work is for the host; of the rest only hooks are told. */
function takeProgress(): bool {
  if (dataKind != 1) return dataKind == 0;
  if (at < 0 || uuidSize == 0 || (hookNameSize == 0 && hookEventSize == 0)) return false;
  const hook = turns + <usize>turnCount * TURN_SIZE;
  turnCount++;
  store<f64>(hook, 2, ENTRY_KIND);
  store<f64>(hook, <f64>keep(uuid, uuidSize), KEY_AT);
  store<f64>(hook, <f64>uuidSize, KEY_SIZE);
  const event = hookEventSize == 0 ? 0 : nameOf(hookEventSlot, hookEvent, hookEventSize);
  store<f64>(hook, <f64>event, TURN_TIER);
  const name = hookNameSize == 0 ? event : nameOf(hookNameSlot, hookName, hookNameSize);
  store<f64>(hook, <f64>name, TURN_MODEL);
  store<f64>(hook, at, AT);
  return true;
}

function rememberUser(): void {
  if (uuidSize == 0) return;
  copyWord(uuid, user);
  userSize = uuidSize;
}

function takeAnswer(): bool {
  if (!isList || blockCount != 1 || answers != 1 || answeredSize == 0 || hasResultFacts) return false;
  const index = openCallOf(answered, answeredSize);
  if (index < 0) {
    if (mayBeLate) addLateAnswer();
    return mayBeLate;
  }
  const call = <usize>load<i32>(openCalls + ((<usize>index) << 2));
  store<f64>(call, 0, IS_OPEN);
  store<f64>(call, at, ANSWERED_AT);
  store<f64>(call, <f64>answerSize, ANSWER_SIZE);
  store<f64>(call, isError ? 1 : 0, ANSWER_IS_ERROR);
  openCount--;
  for (let i = index; i < openCount; i++)
    store<i32>(openCalls + ((<usize>i) << 2), load<i32>(openCalls + ((<usize>(i + 1)) << 2)));
  rememberUser();
  return true;
}

/** The host knows whether there is such a call. */
function addLateAnswer(): void {
  const answer = turns + <usize>turnCount * TURN_SIZE;
  turnCount++;
  isLate = true;
  store<f64>(answer, 3, ENTRY_KIND);
  store<f64>(answer, <f64>keep(answered, answeredSize), KEY_AT);
  store<f64>(answer, <f64>answeredSize, KEY_SIZE);
  store<f64>(answer, at, AT);
  store<f64>(answer, <f64>answerSize, TURN_COUNTS);
  store<f64>(answer, isError ? 1 : 0, TURN_COUNTS + 8);
  rememberUser();
}

/** Place among the open calls, or -1. */
function openCallOf(key: usize, size: i32): i32 {
  let index = openCount - 1;
  while (index >= 0 && !isKeyOf(<usize>load<i32>(openCalls + ((<usize>index) << 2)), key, size)) index--;
  return index;
}

function isKeyOf(call: usize, key: usize, size: i32): bool {
  return <i32>load<f64>(call, CALL_KEY_SIZE) == size && same(texts + <usize>load<f64>(call, CALL_KEY_AT), key, size);
}

/** Offset in the texts. */
function keep(word: usize, size: i32): i32 {
  const offset = textsSize;
  copyWord(word, texts + <usize>offset);
  textsSize += size;
  return offset;
}

/** The number a word is told by, from 1 on; a word that is met again has the same one while it keeps its slot. */
function nameOf(slot: i32, word: usize, size: i32): i32 {
  const known = wordNames + ((<usize>slot) << 2);
  // Another word of the same row may have taken its place.
  const isKept = standsFor(slot, word, size);
  let name = isKept ? load<i32>(known) : 0;
  if (name == 0) {
    const from = nameEnd(nameCount);
    copyWord(word, names + <usize>from);
    name = ++nameCount;
    store<i32>(nameEnds + ((<usize>name) << 2), from + size);
    if (isKept) store<i32>(known, name);
  }
  return name;
}

function nameEnd(name: i32): i32 {
  return load<i32>(nameEnds + ((<usize>name) << 2));
}
