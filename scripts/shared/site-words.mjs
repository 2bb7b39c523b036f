// What the site says around the texts of a language, which stand in locales/: headings of its own pages, and what VitePress
// writes on its buttons.
import { ENGLISH } from "./languages.mjs";

/**
 * @typedef {object} Words
 * @property {string} nodes the heading of the pages about nodes
 * @property {string} intro what the first page of the language says
 * @property {string} property
 * @property {string} label
 * @property {string} standard
 * @property {string} properties
 * @property {string} examples
 * @property {string} exactly
 * @property {string} errors
 * @property {string} english where the documents are that exist in English only
 * @property {{ search: string, none: string, choose: string, go: string, close: string, outline: string, menu: string,
 *   previous: string, next: string, top: string, look: string, languages: string }} buttons
 */

/** @type {Record<string, Words>} */
const WORDS = {
  [ENGLISH]: {
    nodes: "Nodes",
    intro: "",
    property: "property",
    label: "in the dialog",
    standard: "default",
    properties: "Properties",
    examples: "In example flows",
    exactly: "All of it, exactly",
    errors: "Errors",
    english: "",
    buttons: {
      search: "Search",
      none: "Nothing was found for",
      choose: "open",
      go: "move",
      close: "close",
      outline: "On this page",
      menu: "Menu",
      previous: "Before",
      next: "Next",
      top: "To the top",
      look: "Light or dark",
      languages: "Languages",
    },
  },
  de: {
    nodes: "Die Nodes",
    intro:
      "Node-RED-Nodes für den TeamViewer IoT Agent: registrieren, Werte senden, Livedaten empfangen. Hier steht auf Deutsch, was jeder Node tut und was jeder Fehler bedeutet.",
    property: "Eigenschaft",
    label: "im Dialog",
    standard: "Standard",
    properties: "Eigenschaften",
    examples: "In Beispielflows",
    exactly: "Alles genau (englisch)",
    errors: "Fehler",
    english: "Erste Schritte, Rezepte und Betrieb (englisch)",
    buttons: {
      search: "Suchen",
      none: "Nichts gefunden zu",
      choose: "öffnen",
      go: "bewegen",
      close: "schließen",
      outline: "Auf dieser Seite",
      menu: "Menü",
      previous: "Zurück",
      next: "Weiter",
      top: "Nach oben",
      look: "Hell oder dunkel",
      languages: "Sprachen",
    },
  },
  fr: {
    nodes: "Les nœuds",
    intro:
      "Nœuds Node-RED pour le TeamViewer IoT Agent : inscrire un client, envoyer des valeurs, recevoir des données en direct. Ces pages disent en français ce que fait chaque nœud et ce que signifie chaque erreur.",
    property: "propriété",
    label: "dans la fenêtre",
    standard: "par défaut",
    properties: "Propriétés",
    examples: "Dans les flux d’exemple",
    exactly: "Tout, en détail (en anglais)",
    errors: "Erreurs",
    english: "Premiers pas, recettes et exploitation (en anglais)",
    buttons: {
      search: "Rechercher",
      none: "Aucun résultat pour",
      choose: "ouvrir",
      go: "se déplacer",
      close: "fermer",
      outline: "Sur cette page",
      menu: "Menu",
      previous: "Précédent",
      next: "Suivant",
      top: "Haut de page",
      look: "Clair ou sombre",
      languages: "Langues",
    },
  },
  es: {
    nodes: "Los nodos",
    intro:
      "Nodos de Node-RED para el TeamViewer IoT Agent: registrar un cliente, enviar valores, recibir datos en vivo. Aquí se explica en español qué hace cada nodo y qué significa cada error.",
    property: "propiedad",
    label: "en la ventana",
    standard: "valor predeterminado",
    properties: "Propiedades",
    examples: "En los flujos de ejemplo",
    exactly: "Todo al detalle (en inglés)",
    errors: "Errores",
    english: "Primeros pasos, recetas y operación (en inglés)",
    buttons: {
      search: "Buscar",
      none: "Sin resultados para",
      choose: "abrir",
      go: "moverse",
      close: "cerrar",
      outline: "En esta página",
      menu: "Menú",
      previous: "Anterior",
      next: "Siguiente",
      top: "Volver arriba",
      look: "Claro u oscuro",
      languages: "Idiomas",
    },
  },
  ja: {
    nodes: "ノード一覧",
    intro:
      "TeamViewer IoT Agent用のNode-REDノードです。登録、値の送信、ライブデータの受信ができます。各ノードの働きと各エラーの意味を日本語で説明します。",
    property: "プロパティ",
    label: "設定画面での名前",
    standard: "既定値",
    properties: "プロパティ一覧",
    examples: "フロー例",
    exactly: "詳細な仕様（英語）",
    errors: "エラー",
    english: "はじめかた、レシピ、運用（英語）",
    buttons: {
      search: "検索",
      none: "見つかりませんでした:",
      choose: "開く",
      go: "移動",
      close: "閉じる",
      outline: "このページの内容",
      menu: "メニュー",
      previous: "前へ",
      next: "次へ",
      top: "ページの先頭へ",
      look: "ライト/ダーク",
      languages: "言語",
    },
  },
  "zh-CN": {
    nodes: "节点",
    intro:
      "用于TeamViewer IoT Agent的Node-RED节点：注册、推送数据、接收实时数据。这里用中文说明每个节点的作用和每个错误的含义。",
    property: "属性",
    label: "对话框中的名称",
    standard: "默认值",
    properties: "属性列表",
    examples: "示例流程",
    exactly: "完整说明（英文）",
    errors: "错误",
    english: "入门、操作示例与运维（英文）",
    buttons: {
      search: "搜索",
      none: "未找到：",
      choose: "打开",
      go: "移动",
      close: "关闭",
      outline: "本页内容",
      menu: "菜单",
      previous: "上一页",
      next: "下一页",
      top: "回到顶部",
      look: "浅色或深色",
      languages: "语言",
    },
  },
};

/**
 * @param {string} language a folder of locales/
 * @returns {Words}
 */
export function wordsOf(language) {
  const words = WORDS[language];
  if (words === undefined) throw new Error(`scripts/shared/site-words.mjs has no words of ${language}.`);
  return words;
}

/**
 * What VitePress writes on its buttons.
 * @param {string} language
 */
export function themeOf(language) {
  const { outline, menu, previous, next, top, look, languages } = wordsOf(language).buttons;
  return {
    outline: { level: [2, 3], label: outline },
    docFooter: { prev: previous, next },
    sidebarMenuLabel: menu,
    returnToTopLabel: top,
    darkModeSwitchLabel: look,
    langMenuLabel: languages,
  };
}

/**
 * What it writes where one searches.
 * @param {string} language
 */
export function searchOf(language) {
  const { search, none, choose, go, close } = wordsOf(language).buttons;
  return {
    translations: {
      button: { buttonText: search, buttonAriaLabel: search },
      modal: { noResultsText: none, footer: { selectText: choose, navigateText: go, closeText: close } },
    },
  };
}
