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
    /// What to do about a file that is damaged.
    pub get_again: &'static str,
    /// About a disk without room.
    pub free_room: &'static str,
    /// About a lack of memory.
    pub close_others: &'static str,
    /// About what may be over the next time.
    pub start_again: &'static str,
    /// About what only somebody else can do something about.
    pub pass_on: &'static str,
    /// The button that shows the lines for whoever made the app.
    pub details: &'static str,
    /// The button that copies them.
    pub copy_details: &'static str,
    /// The button that shows the log.
    pub open_log: &'static str,
    /// The button that closes a dialog.
    pub close: &'static str,
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
    /// What a download is for, with dots.
    pub updating: &'static str,
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
    get_again: "Get the file again from whoever gave it to you: it was cut off or changed on its way.",
    free_room: "Free some room on the disk, and start it again.",
    close_others: "Close other programs, and start it again.",
    start_again: "Start it again. If that does not help, send the details to whoever gave you this program.",
    pass_on: "Send the details to whoever gave you this program.",
    details: "Details",
    copy_details: "Copy the details",
    open_log: "Open the log",
    close: "Close",
    log: "The log:",
    copy: "Ctrl+C copies this text.",
    press_a_key: "Press any key to close this window.",
    preparing: "Preparing the first start …",
    checking: "Checking its files …",
    updating: "Getting the new version …",
    waiting: "Waiting for another start …",
    cancel: "Cancel",
};

const GERMAN: Words = Words {
    this_program: "Dieses Programm",
    could_not_start: "{} konnte nicht gestartet werden.",
    has_failed: "{} wurde wegen eines Fehlers beendet.",
    get_again: "Besorgen Sie sich die Datei noch einmal: Sie wurde unterwegs abgeschnitten oder verändert.",
    free_room: "Schaffen Sie Platz auf dem Datenträger, und starten Sie das Programm noch einmal.",
    close_others: "Schließen Sie andere Programme, und starten Sie dieses noch einmal.",
    start_again: "Starten Sie das Programm noch einmal. Wenn das nicht hilft, schicken Sie die Einzelheiten an die Person, von der Sie es haben.",
    pass_on: "Schicken Sie die Einzelheiten an die Person, von der Sie dieses Programm haben.",
    details: "Einzelheiten",
    copy_details: "Einzelheiten kopieren",
    open_log: "Protokoll öffnen",
    close: "Schließen",
    log: "Das Protokoll:",
    copy: "Strg+C kopiert diesen Text.",
    press_a_key: "Eine beliebige Taste schließt dieses Fenster.",
    preparing: "Der erste Start wird vorbereitet …",
    checking: "Die Dateien werden geprüft …",
    updating: "Die neue Version wird geholt …",
    waiting: "Ein anderer Start wird abgewartet …",
    cancel: "Abbrechen",
};

const FRENCH: Words = Words {
    this_program: "Ce programme",
    could_not_start: "{} n’a pas pu être lancé.",
    has_failed: "{} s’est arrêté à cause d’une erreur.",
    get_again: "Procurez-vous de nouveau le fichier : il a été tronqué ou modifié en chemin.",
    free_room: "Libérez de la place sur le disque, puis relancez le programme.",
    close_others: "Fermez d’autres programmes, puis relancez celui-ci.",
    start_again: "Relancez le programme. Si cela ne suffit pas, envoyez les détails à la personne qui vous l’a donné.",
    pass_on: "Envoyez les détails à la personne qui vous a donné ce programme.",
    details: "Détails",
    copy_details: "Copier les détails",
    open_log: "Ouvrir le journal",
    close: "Fermer",
    log: "Le journal :",
    copy: "Ctrl+C copie ce texte.",
    press_a_key: "Appuyez sur une touche pour fermer cette fenêtre.",
    preparing: "Préparation du premier démarrage …",
    checking: "Vérification des fichiers …",
    updating: "Téléchargement de la nouvelle version …",
    waiting: "En attente d’un autre démarrage …",
    cancel: "Annuler",
};

const SPANISH: Words = Words {
    this_program: "Este programa",
    could_not_start: "No se pudo iniciar {}.",
    has_failed: "{} terminó a causa de un error.",
    get_again: "Consiga el archivo de nuevo: se cortó o cambió por el camino.",
    free_room: "Libere espacio en el disco e inicie el programa de nuevo.",
    close_others: "Cierre otros programas e inicie este de nuevo.",
    start_again: "Inicie el programa de nuevo. Si no sirve, envíe los detalles a quien se lo dio.",
    pass_on: "Envíe los detalles a quien le dio este programa.",
    details: "Detalles",
    copy_details: "Copiar los detalles",
    open_log: "Abrir el registro",
    close: "Cerrar",
    log: "El registro:",
    copy: "Ctrl+C copia este texto.",
    press_a_key: "Pulse una tecla para cerrar esta ventana.",
    preparing: "Preparando el primer inicio …",
    checking: "Comprobando los archivos …",
    updating: "Descargando la nueva versión …",
    waiting: "Esperando a otro inicio …",
    cancel: "Cancelar",
};

const JAPANESE: Words = Words {
    this_program: "このプログラム",
    could_not_start: "{} を起動できませんでした。",
    has_failed: "{} はエラーのため終了しました。",
    get_again: "ファイルが途中で切れたか、変更されています。もう一度入手してください。",
    free_room: "ディスクの空きを増やしてから、もう一度起動してください。",
    close_others: "ほかのプログラムを終了してから、もう一度起動してください。",
    start_again: "もう一度起動してください。それでも動かないときは、詳細をこのプログラムの提供者に送ってください。",
    pass_on: "詳細をこのプログラムの提供者に送ってください。",
    details: "詳細",
    copy_details: "詳細をコピー",
    open_log: "ログを開く",
    close: "閉じる",
    log: "ログ:",
    copy: "Ctrl+C でこの文章をコピーできます。",
    press_a_key: "何かキーを押すとこのウィンドウを閉じます。",
    preparing: "初回起動の準備をしています…",
    checking: "ファイルを確認しています…",
    updating: "新しいバージョンを取得しています…",
    waiting: "ほかの起動を待っています…",
    cancel: "キャンセル",
};

const CHINESE: Words = Words {
    this_program: "此程序",
    could_not_start: "无法启动 {}。",
    has_failed: "{} 因错误而退出。",
    get_again: "文件在传输中被截断或更改。请重新获取该文件。",
    free_room: "请释放磁盘空间，然后重新启动。",
    close_others: "请关闭其他程序，然后重新启动。",
    start_again: "请重新启动。如果仍有问题，请将详细信息发送给提供此程序的人。",
    pass_on: "请将详细信息发送给提供此程序的人。",
    details: "详细信息",
    copy_details: "复制详细信息",
    open_log: "打开日志",
    close: "关闭",
    log: "日志:",
    copy: "按 Ctrl+C 可复制此文本。",
    press_a_key: "按任意键关闭此窗口。",
    preparing: "正在准备首次启动…",
    checking: "正在检查文件…",
    updating: "正在获取新版本…",
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
