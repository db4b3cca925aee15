//! The launcher's few sentences for people who know nothing of it, in the languages that it speaks.
//!
//! Only what a person needs to see that something failed, and what to do with the window. The details are for the app's
//! developer, and stay in English, as logs and error reports do.

/// The sentences in one language; `{}` stands for the app.
#[derive(Debug)]
pub struct Words {
    /// Where the app has no name.
    pub this_program: &'static str,
    /// The launcher has failed.
    pub could_not_start: &'static str,
    /// The app has failed.
    pub has_failed: &'static str,
    /// Stands before the path of the log.
    pub log: &'static str,
    /// How to copy the text of a dialog.
    pub copy: &'static str,
    /// What a console waits for.
    pub press_a_key: &'static str,
    /// A first start.
    pub preparing: &'static str,
    /// A repair.
    pub checking: &'static str,
    /// Another process does the work.
    pub waiting: &'static str,
    /// The button that stops it.
    pub cancel: &'static str,
}

/// The words for a locale, of which the first two letters name the language (`de_AT.UTF-8`, `de-AT`). English for all others.
pub fn for_locale(locale: &str) -> &'static Words {
    match locale.get(..2) {
        Some("zh") => &CHINESE,
        Some("de") => &GERMAN,
        Some("es") => &SPANISH,
        Some("fr") => &FRENCH,
        Some("ja") => &JAPANESE,
        _ => &ENGLISH,
    }
}

const ENGLISH: Words = Words {
    this_program: "This program",
    could_not_start: "{} could not be started.",
    has_failed: "{} has ended because of an error.",
    log: "The log:",
    copy: "Ctrl+C copies this text.",
    press_a_key: "Press any key to close this window.",
    preparing: "Preparing the first start …",
    checking: "Checking its files …",
    waiting: "Waiting for another start …",
    cancel: "Cancel",
};

const GERMAN: Words = Words {
    this_program: "Dieses Programm",
    could_not_start: "{} konnte nicht gestartet werden.",
    has_failed: "{} wurde wegen eines Fehlers beendet.",
    log: "Das Protokoll:",
    copy: "Strg+C kopiert diesen Text.",
    press_a_key: "Eine beliebige Taste schließt dieses Fenster.",
    preparing: "Der erste Start wird vorbereitet …",
    checking: "Die Dateien werden geprüft …",
    waiting: "Ein anderer Start wird abgewartet …",
    cancel: "Abbrechen",
};

const FRENCH: Words = Words {
    this_program: "Ce programme",
    could_not_start: "{} n’a pas pu être lancé.",
    has_failed: "{} s’est arrêté à cause d’une erreur.",
    log: "Le journal :",
    copy: "Ctrl+C copie ce texte.",
    press_a_key: "Appuyez sur une touche pour fermer cette fenêtre.",
    preparing: "Préparation du premier démarrage …",
    checking: "Vérification des fichiers …",
    waiting: "En attente d’un autre démarrage …",
    cancel: "Annuler",
};

const SPANISH: Words = Words {
    this_program: "Este programa",
    could_not_start: "No se pudo iniciar {}.",
    has_failed: "{} terminó a causa de un error.",
    log: "El registro:",
    copy: "Ctrl+C copia este texto.",
    press_a_key: "Pulse una tecla para cerrar esta ventana.",
    preparing: "Preparando el primer inicio …",
    checking: "Comprobando los archivos …",
    waiting: "Esperando a otro inicio …",
    cancel: "Cancelar",
};

const JAPANESE: Words = Words {
    this_program: "このプログラム",
    could_not_start: "{} を起動できませんでした。",
    has_failed: "{} はエラーのため終了しました。",
    log: "ログ:",
    copy: "Ctrl+C でこの文章をコピーできます。",
    press_a_key: "何かキーを押すとこのウィンドウを閉じます。",
    preparing: "初回起動の準備をしています…",
    checking: "ファイルを確認しています…",
    waiting: "ほかの起動を待っています…",
    cancel: "キャンセル",
};

const CHINESE: Words = Words {
    this_program: "此程序",
    could_not_start: "无法启动 {}。",
    has_failed: "{} 因错误而退出。",
    log: "日志:",
    copy: "按 Ctrl+C 可复制此文本。",
    press_a_key: "按任意键关闭此窗口。",
    preparing: "正在准备首次启动…",
    checking: "正在检查文件…",
    waiting: "正在等待另一次启动…",
    cancel: "取消",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_in_all_its_countries_and_english_is_for_the_rest() {
        for (locale, copy) in [
            ("de_AT.UTF-8", GERMAN.copy),
            ("de-CH", GERMAN.copy),
            ("ja", JAPANESE.copy),
            ("zh-Hans-CN", CHINESE.copy),
            ("C", ENGLISH.copy),
            ("", ENGLISH.copy),
        ] {
            assert_eq!(for_locale(locale).copy, copy, "{locale}");
        }
        for words in [ENGLISH, GERMAN, FRENCH, SPANISH, JAPANESE, CHINESE] {
            assert!(words.could_not_start.contains("{}") && words.has_failed.contains("{}"), "{words:?}");
        }
    }
}
