//! What libpq says of a network that does not answer, in other languages: its own words, and then
//! those of the C library.
//!
//! Taken from `libpq5-15.mo` of PostgreSQL 15.18 and `libc.mo` of glibc 2.36 as Debian 12 ships
//! them: de, es, fr, it, ja, ko, ru, sv, uk, `zh_CN`.

use super::translated::Translated;

/// Each message by its English text.
#[rustfmt::skip]
pub(super) static NETWORK: &[Translated] = &[
    // connection to server at "%s", port %s failed: Connection refused
    Translated {
        pages: &["tcp-refused", "tcp-refused-firewall"],
        texts: &[
            "Port {n} fehlgeschlagen: Verbindungsaufbau abgelehnt",
            "port {n} a échoué : Connexion refusée",
            "port {n} misslyckades: Förbindelsen förvägrad",
            "porta {n} non riuscita: Connessione rifiutata",
            "puerto {n}: Conexión rehusada",
            "{n} 포트로 서버 접속 할 수 없음: 연결이 거부됨",
            "порт {n} провалено: У з'єднанні відмовлено",
            "порту {n} не удалось: В соединении отказано",
            "ポート{n}のサーバーへの接続に失敗しました: 接続を拒否されました",
            "端口{n}失败：拒绝连接",
            "포트 {n} 서버에 접속 할 수 없음: 연결이 거부됨",
        ],
    },
    // connection to server at "%s", port %s failed: No route to host
    Translated {
        pages: &["tcp-no-route"],
        texts: &[
            "Port {n} fehlgeschlagen: Keine Route zum Zielrechner",
            "port {n} a échoué : Aucun chemin d'accès pour atteindre l'hôte cible",
            "port {n} misslyckades: Ingen väg till värd",
            "porta {n} non riuscita: Nessun instradamento per l'host",
            "puerto {n}: No existe ninguna ruta hasta el `host'",
            "{n} 포트로 서버 접속 할 수 없음: 호스트로 갈 루트가 없음",
            "порт {n} провалено: Немає маршруту до вузла",
            "порту {n} не удалось: Нет маршрута до узла",
            "ポート{n}のサーバーへの接続に失敗しました: ホストへの経路がありません",
            "端口{n}失败：没有到主机的路由",
            "포트 {n} 서버에 접속 할 수 없음: 호스트로 갈 루트가 없음",
        ],
    },
    // connection to server at "%s", port %s failed: Network is unreachable
    Translated {
        pages: &["tcp-net-unreachable"],
        texts: &[
            "Port {n} fehlgeschlagen: Das Netzwerk ist nicht erreichbar",
            "port {n} a échoué : Le réseau n'est pas accessible",
            "port {n} misslyckades: Nätverket kan inte nås",
            "porta {n} non riuscita: La rete non è raggiungibile",
            "puerto {n}: La red es inaccesible",
            "{n} 포트로 서버 접속 할 수 없음: 네트워크가 접근 불가능합니다",
            "порт {n} провалено: Не вдалося отримати доступ до мережі",
            "порту {n} не удалось: Сеть недоступна",
            "ポート{n}のサーバーへの接続に失敗しました: ネットワークに届きません",
            "端口{n}失败：网络不可达",
            "포트 {n} 서버에 접속 할 수 없음: 네트워크가 접근 불가능합니다",
        ],
    },
    // connection to server at "%s", port %s failed: Connection timed out
    Translated {
        pages: &["tcp-blackhole", "tcp-backlog-full"],
        texts: &[
            "Port {n} fehlgeschlagen: Die Wartezeit für die Verbindung ist abgelaufen",
            "port {n} a échoué : Connexion terminée par expiration du délai d'attente",
            "port {n} misslyckades: Förbindelsens tidsgräns löpte ut",
            "porta {n} non riuscita: Connessione scaduta",
            "puerto {n}: Expiró el tiempo de conexión",
            "{n} 포트로 서버 접속 할 수 없음: 연결 시간 초과",
            "порт {n} провалено: Перевищено інтервал очікування з'єднання",
            "порту {n} не удалось: Время ожидания соединения истекло",
            "ポート{n}のサーバーへの接続に失敗しました: 接続がタイムアウトしました",
            "端口{n}失败：连接超时",
            "포트 {n} 서버에 접속 할 수 없음: 연결 시간 초과",
        ],
    },
    // connection to server on socket "%s" failed: No such file or directory
    Translated {
        pages: &["unix-missing"],
        texts: &[
            "\"{}\" 소켓으로 서버 접속 할 수 없음: 그런 파일이나 디렉터리가 없습니다",
            "Verbindung zum Server auf Socket »{}« fehlgeschlagen: Datei oder Verzeichnis nicht gefunden",
            "anslutning till server på socket \"{}\" misslyckades: Filen eller katalogen finns inte",
            "connessione al server sul socket \"{}\" non riuscita: File o directory non esistente",
            "falló la conexión al servidor en el socket «{}»: No existe el fichero o el directorio",
            "la connexion au serveur sur le socket « {} » a échoué : Aucun fichier ou dossier de ce type",
            "подключиться к серверу через сокет \"{}\" не удалось: Нет такого файла или каталога",
            "помилка при з'єднанні з сервером через сокет \"{}\": Немає такого файла або каталогу",
            "ソケット\"{}\"のサーバーへの接続に失敗しました: そのようなファイルやディレクトリはありません",
            "连接到套接字\"{}\"上的服务器失败:没有那个文件或目录",
        ],
    },
];
