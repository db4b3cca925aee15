//! The launcher's few sentences for people who know nothing of it, in the languages that it speaks.
//!
//! Only what a person without English needs to see that something failed, and what to do with the window. What follows is
//! for whoever made the app, and stays in English, as logs and error reports do.

/// The sentences in one language; `{}` stands for the app.
#[derive(Debug)]
pub(super) struct Words {
    pub(super) this_program: &'static str,
    pub(super) could_not_start: &'static str,
    pub(super) has_failed: &'static str,
    pub(super) log: &'static str,
    pub(super) copy: &'static str,
    pub(super) press_a_key: &'static str,
}

/// The words for a language identifier of Windows, whose low ten bits name the language
/// (<https://learn.microsoft.com/en-us/windows/win32/intl/language-identifiers>). English for all others.
pub(super) fn of(language: u16) -> &'static Words {
    match language & 0x3FF {
        0x04 => &CHINESE,
        0x07 => &GERMAN,
        0x0A => &SPANISH,
        0x0C => &FRENCH,
        0x11 => &JAPANESE,
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
};

const GERMAN: Words = Words {
    this_program: "Dieses Programm",
    could_not_start: "{} konnte nicht gestartet werden.",
    has_failed: "{} wurde wegen eines Fehlers beendet.",
    log: "Das Protokoll:",
    copy: "Strg+C kopiert diesen Text.",
    press_a_key: "Eine beliebige Taste schließt dieses Fenster.",
};

const FRENCH: Words = Words {
    this_program: "Ce programme",
    could_not_start: "{} n’a pas pu être lancé.",
    has_failed: "{} s’est arrêté à cause d’une erreur.",
    log: "Le journal :",
    copy: "Ctrl+C copie ce texte.",
    press_a_key: "Appuyez sur une touche pour fermer cette fenêtre.",
};

const SPANISH: Words = Words {
    this_program: "Este programa",
    could_not_start: "No se pudo iniciar {}.",
    has_failed: "{} terminó a causa de un error.",
    log: "El registro:",
    copy: "Ctrl+C copia este texto.",
    press_a_key: "Pulse una tecla para cerrar esta ventana.",
};

const JAPANESE: Words = Words {
    this_program: "このプログラム",
    could_not_start: "{} を起動できませんでした。",
    has_failed: "{} はエラーのため終了しました。",
    log: "ログ:",
    copy: "Ctrl+C でこの文章をコピーできます。",
    press_a_key: "何かキーを押すとこのウィンドウを閉じます。",
};

const CHINESE: Words = Words {
    this_program: "此程序",
    could_not_start: "无法启动 {}。",
    has_failed: "{} 因错误而退出。",
    log: "日志:",
    copy: "按 Ctrl+C 可复制此文本。",
    press_a_key: "按任意键关闭此窗口。",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_in_all_its_countries_and_english_is_for_the_rest() {
        for (language, copy) in
            [(0x0C07, GERMAN.copy), (0x0409, ENGLISH.copy), (0x0804, CHINESE.copy), (0, ENGLISH.copy)]
        {
            assert_eq!(of(language).copy, copy);
        }
        for words in [ENGLISH, GERMAN, FRENCH, SPANISH, JAPANESE, CHINESE] {
            assert!(words.could_not_start.contains("{}") && words.has_failed.contains("{}"), "{words:?}");
        }
    }
}
