//! What servers and libpq say in other languages: the texts of their own translations.
//!
//! Taken from `postgres-15.mo` and `libpq5-15.mo` of PostgreSQL 15.18 as Debian 12 ships them:
//! de, es, fr, it, ja, ka, ko, ru, sv, uk, `zh_CN`. The SQLSTATE beside such a text decides; the text
//! alone is enough to find its pages.

/// The pages of a message, and its translations; the page `err-localized` shares them all.
pub(super) struct Translated {
    /// The ids of the pages.
    pub(super) pages: &'static [&'static str],
    /// The texts, as those of [`super::Cause::texts`].
    pub(super) texts: &'static [&'static str],
}

/// Each message by its English text.
#[rustfmt::skip]
pub(super) static TRANSLATED: &[Translated] = &[
    // password authentication failed for user "%s"
    Translated {
        pages: &["role-missing", "pw-wrong", "pw-none", "pw-expired", "md5-hash-vs-scram", "reachable-is-not-usable"],
        texts: &[
            "Lösenordsautentisering misslyckades för användare \"{}\"",
            "Passwort-Authentifizierung für Benutzer »{}« fehlgeschlagen",
            "autenticazione con password fallita per l'utente \"{}\"",
            "authentification par mot de passe échouée pour l'utilisateur  « {} »",
            "la autentificación password falló para el usuario «{}»",
            "користувач \"{}\" не пройшов автентифікацію за допомогою пароля",
            "пользователь \"{}\" не прошёл проверку подлинности (по паролю)",
            "პაროლით ავთენტიფიკაცია მომხმარებლისთვის \"{}\" ვერ მოხერხდა",
            "ユーザー\"{}\"のパスワード認証に失敗しました",
            "用户 \"{}\" Password 认证失败",
            "사용자 \"{}\"의 password 인증을 실패했습니다",
        ],
    },
    // role "%s" does not exist
    Translated {
        pages: &["role-missing"],
        texts: &[
            "\"{}\" 롤(role) 없음",
            "Rolle »{}« existiert nicht",
            "il ruolo \"{}\" non esiste",
            "le rôle « {} » n'existe pas",
            "no existe el rol «{}»",
            "rollen \"{}\" finns inte",
            "роль \"{}\" не существует",
            "роль \"{}\" не існує",
            "როლი არ არსებობს: \"{}\"",
            "ロール\"{}\"は存在しません",
            "角色 \"{}\" 不存在",
        ],
    },
    // role "%s" is not permitted to log in
    Translated {
        pages: &["role-nologin"],
        texts: &[
            "\"{}\" 롤은 접속을 허용하지 않음",
            "Rolle »{}« hat keine Berechtigung zum Einloggen",
            "al rol «{}» no se le permite conectarse",
            "al ruolo \"{}\" non è consentito effettuare il login",
            "le rôle « {} » n'est pas autorisé à se connecter",
            "roll \"{}\" tillåts inte logga in",
            "для роли \"{}\" вход запрещён",
            "для ролі \"{}\" вхід не дозволений",
            "როლს შესვლის უფლება არ აქვს",
            "ロール\"{}\"はログインが許可されません",
            "不允许角色\"{}\" 进行登录",
        ],
    },
    // database "%s" does not exist
    Translated {
        pages: &["db-missing", "db-case"],
        texts: &[
            "\"{}\" 데이터베이스 없음",
            "Datenbank »{}« existiert nicht",
            "databasen \"{}\" existerar inte",
            "il database \"{}\" non esiste",
            "la base de données « {} » n'existe pas",
            "no existe la base de datos «{}»",
            "база данных \"{}\" не существует",
            "бази даних \"{}\" не існує",
            "მონაცემთა ბაზა \"{}\" არ არსებობს",
            "データベース\"{}\"は存在しません",
            "数据库 \"{}\" 不存在",
        ],
    },
    // database "%s" is not currently accepting connections
    Translated {
        pages: &["db-noallow"],
        texts: &[
            "\"{}\" 데이터베이스는 현재 접속을 허용하지 않습니다",
            "Datenbank »{}« akzeptiert gegenwärtig keine Verbindungen",
            "databasen \"{}\" tar för närvarande inte emot uppkopplingar",
            "il database \"{}\" attualmente non accetta connessioni",
            "la base de datos «{}» no acepta conexiones",
            "la base de données « {} » n'accepte plus les connexions",
            "база \"{}\" не принимает подключения в данный момент",
            "база даних \"{}\" не приймає підключення в даний момент",
            "ბაზა \"{}\" ამჟამად მიერთებებს არ იღებს",
            "数据库 \"{}\" 当前不接受联接",
            "現在データベース\"{}\"は接続を受け付けません",
        ],
    },
    // permission denied for database "%s"
    Translated {
        pages: &["connect-revoked"],
        texts: &[
            "\"{}\" 데이터베이스 액세스 권한 없음",
            "droit refusé pour la base de données « {} »",
            "keine Berechtigung für Datenbank »{}«",
            "permesso negato per il database \"{}\"",
            "permiso denegado a la base de datos «{}»",
            "rättighet saknas för databas \"{}\"",
            "доступ до бази даних \"{}\" відхилений",
            "доступ к базе \"{}\" запрещён",
            "წვდომა აკრძალულია ბაზაზე: \"{}\"",
            "データベース\"{}\"へのアクセスが拒否されました",
            "访问数据库\"{}\"的权限不够",
        ],
    },
    // too many connections for database "%s"
    Translated {
        pages: &["limit-db", "other-limits"],
        texts: &[
            "\"{}\" 데이터베이스 최대 접속수를 초과했습니다",
            "demasiadas conexiones para la base de datos «{}»",
            "för många uppkopplingar till databasen \"{}\"",
            "trop de connexions pour la base de données « {} »",
            "troppe connessioni al database \"{}\"",
            "zu viele Verbindungen für Datenbank »{}«",
            "занадто багато підключень до бази даних \"{}\"",
            "слишком много подключений к БД \"{}\"",
            "ძალიან ბევრი კავშირი ბაზისთვის \"{}\"",
            "データベース\"{}\"への接続が多すぎます",
            "到数据库 \"{}\"的连接太多了",
        ],
    },
    // too many connections for role "%s"
    Translated {
        pages: &["limit-role", "other-limits", "connection-budget"],
        texts: &[
            "\"{}\" 롤의 최대 동시 접속수를 초과했습니다",
            "demasiadas conexiones para el rol «{}»",
            "för många uppkopplingar för roll \"{}\"",
            "trop de connexions pour le rôle « {} »",
            "troppe connessioni per il ruolo \"{}\"",
            "zu viele Verbindungen von Rolle »{}«",
            "занадто багато підключень для ролі \"{}\"",
            "слишком много подключений для роли \"{}\"",
            "მეტისმეტად ბევრი კავშირი როლისთვის \"{}\"",
            "ロール\"{}\"からの接続が多すぎます",
            "由角色\"{}\"发起的连接太多了",
        ],
    },
    // sorry, too many clients already
    Translated {
        pages: &["too-many-clients", "connection-budget"],
        texts: &[
            "désolé, trop de clients sont déjà connectés",
            "ledsen, för många klienter",
            "lo siento, ya tenemos demasiados clientes",
            "spiacente, troppi client già connessi",
            "tut mir leid, schon zu viele Verbindungen",
            "вибачте, вже забагато клієнтів",
            "извините, уже слишком много клиентов",
            "უკაცრავად, უკვე მეტისმეტად ბევრი კლიენტია",
            "对不起, 已经有太多的客户",
            "現在クライアント数が多すぎます",
            "최대 동시 접속자 수를 초과했습니다",
        ],
    },
    // remaining connection slots are reserved for non-replication superuser connections
    Translated {
        pages: &["too-many-reserved", "connection-budget"],
        texts: &[
            "die verbleibenden Verbindungen sind für Superuser auf Nicht-Replikationsverbindungen reserviert",
            "i rimanenti slot di connessione sono riservati a connessioni di superutenti non di replica",
            "las conexiones restantes están reservadas a superusuarios y no de replicación",
            "les emplacements de connexions restants sont réservés pour les connexions\nsuperutilisateur non relatif à la réplication",
            "resterande anslutningsslottar är reserverade för superuser-anslutningar utan replikering",
            "оставшиеся слоты подключений зарезервированы для подключений суперпользователя (не для репликации)",
            "слоти підключень, які залишились, зарезервовані для підключень суперкористувача (не для реплікації)",
            "已保留的连接位置为执行非复制请求的超级用户预留",
            "残りの接続スロットはレプリケーションユーザーではないスーパーユーザー用に予約されています",
            "남은 연결 슬롯은 non-replication 슈퍼유저 연결용으로 남겨 놓았음",
        ],
    },
    // no pg_hba.conf entry for host "%s", user "%s", database "%s", %s
    Translated {
        pages: &["hba-missing", "hba-needs-tls", "tls-mismatch"],
        texts: &[
            "aucune entrée dans pg_hba.conf pour l'hôte « {} », utilisateur « {} »,\nbase de données « {} »",
            "ingen rad i pg_hba.conf för värd \"{}\", användare \"{}\", databas \"{}\"",
            "kein pg_hba.conf-Eintrag für Host »{}«, Benutzer »{}«, Datenbank »{}«",
            "nessuna voce in pg_hba.conf per l'host \"{}\", utente \"{}\", database \"{}\"",
            "no hay una línea en pg_hba.conf para «{}», usuario «{}», base de datos «{}»",
            "pg_hba.conf にホスト\"{}\"、ユーザー\"{}\"、データベース\"{}, {}用のエントリがありません",
            "pg_hba.conf-ში ჩანაწერი ჰოსტისთვის \"{}\" მომხმარებელი \"{}\", ბაზა \"{}\", {} აღმოჩენილი არაა",
            "в pg_hba.conf немає запису для хосту \"{}\", користувача \"{}\", бази даних \"{}\"",
            "в pg_hba.conf нет записи для компьютера \"{}\", пользователя \"{}\", базы \"{}\"",
            "没有用于主机 \"{}\", 用户 \"{}\", 数据库 \"{}\", {} 的 pg_hba.conf 记录",
            "호스트 \"{}\", 사용자 \"{}\", 데이터베이스 \"{}\", {} 연결에 대한 설정이 pg_hba.conf 파일에 없습니다",
        ],
    },
    // pg_hba.conf rejects connection for host "%s", user "%s", database "%s", %s
    Translated {
        pages: &["hba-reject"],
        texts: &[
            "pg_hba.conf avvisar anslutning för värd \"{}\", användare \"{}\", databas \"{}\"",
            "pg_hba.conf lehnt Verbindung ab für Host »{}«, Benutzer »{}«, Datenbank »{}«",
            "pg_hba.conf rechaza la conexión para el servidor «{}», usuario «{}», base de datos «{}»",
            "pg_hba.conf rejette la connexion pour l'hôte « {} », utilisateur « {} », base\nde données « {} »",
            "pg_hba.conf rifiuta connessioni per l'host \"{}\", utente \"{}\", database \"{}\"",
            "pg_hba.conf відхиляє підключення для хосту \"{}\", користувача \"{}\", бази даних \"{}\"",
            "pg_hba.conf отвергает подключение: компьютер \"{}\", пользователь \"{}\", база данных \"{}\"",
            "pg_hba.conf უარყოფს მიერთებას ჰოსტისთვის \"{}\", მომხმარებელი \"{}\", ბაზა \"{}\"",
            "pg_hba.conf の設定でホスト \"{}\"、ユーザー \"{}\"、データベース \"{}\", {}の接続を拒否しました",
            "pg_hba.conf 记录拒绝来自主机\"{}\", 用户\"{}\", 数据库\"{}\", {}的复制连接",
            "호스트 \"{}\", 사용자 \"{}\", 데이터베이스 \"{}\",  {} 연결이 pg_hba.conf 파일 설정에 따라 거부됩니다",
        ],
    },
    // the database system is starting up
    Translated {
        pages: &["starting-up"],
        texts: &[
            "das Datenbanksystem startet",
            "databassystemet startar upp",
            "el sistema de base de datos está iniciándose",
            "il database si sta avviando",
            "le système de bases de données se lance",
            "система баз данных запускается",
            "система бази даних запускається",
            "მიმდინარეობს მონაცემთა ბაზის სისტემის გაშვება",
            "データベースシステムは起動処理中です",
            "数据库系统启动中",
            "데이터베이스 시스템이 새로 가동 중입니다",
        ],
    },
    // the database system is shutting down
    Translated {
        pages: &["shutting-down"],
        texts: &[
            "das Datenbanksystem fährt herunter",
            "databassystemet stänger ner",
            "el sistema de base de datos está apagándose",
            "il database si sta spegnendo",
            "le système de base de données s'arrête",
            "система баз данных останавливается",
            "система бази даних завершує роботу",
            "მონაცემთა ბაზის სისტემა ითიშება",
            "データベースシステムはシャットダウンしています",
            "数据库系统停止中",
            "데이터베이스 시스템이 중지 중입니다",
        ],
    },
    // the database system is in recovery mode
    Translated {
        pages: &["recovery-mode"],
        texts: &[
            "das Datenbanksystem ist im Wiederherstellungsmodus",
            "databassystemet är återställningsläge",
            "el sistema de base de datos está en modo de recuperación",
            "il database è in modalità di ripristino",
            "le système de bases de données est en cours de restauration",
            "система баз данных в режиме восстановления",
            "система бази даних у режимі відновлення",
            "მონაცემთა ბაზის სისტემა აღდგენის რეჟიმშია",
            "データベースシステムはリカバリモードです",
            "数据库系统在恢复模式中",
            "데이터베이스 시스템이 자동 복구 작업 중입니다",
        ],
    },
    // terminating connection due to administrator command
    Translated {
        pages: &["q-terminated", "stale-connection"],
        texts: &[
            "Verbindung wird abgebrochen aufgrund von Anweisung des Administrators",
            "arrêt des connexions suite à la demande de l'administrateur",
            "avslutar anslutning på grund av ett administratörskommando",
            "interruzione della connessione su comando dell'amministratore",
            "terminando la conexión debido a una orden del administrador",
            "завершення підключення по команді адміністратора",
            "закрытие подключения по команде администратора",
            "მიერთების შეწყვეტა ადმინისტრატორის ბრძანების გამო",
            "由于管理员命令中断联接",
            "管理者コマンドにより接続を終了しています",
            "관리자 요청에 의해서 연결을 끝냅니다",
        ],
    },
    // terminating connection due to idle-in-transaction timeout
    Translated {
        pages: &["q-idle-txn"],
        texts: &[
            "Verbindung wird abgebrochen wegen Zeitüberschreitung in inaktiver Transaktion",
            "arrêt des connexions suite à l'expiration du délai d'inactivité en transaction",
            "idle-in-transaction 시간 초과로 연결을 끝냅니다",
            "la connessione è stata terminata a causa di timeout di inattività durante una transazione",
            "terminando la conexión debido a que se agotó el tiempo de espera para transacciones abiertas inactivas",
            "terminerar anslutning på grund av idle-in-transaction-timeout",
            "завершення підключення через тайм-аут бездіяльності в транзакції",
            "закрытие подключения из-за тайм-аута простоя в транзакции",
            "トランザクション中アイドルタイムアウトのため接続を終了します",
            "由于空载事务超时而终止连接",
        ],
    },
    // terminating connection due to idle-session timeout
    Translated {
        pages: &["q-idle-session"],
        texts: &[
            "Verbindung wird abgebrochen wegen Zeitüberschreitung in inaktiver Sitzung",
            "arrêt des connexions suite à l'expiration du délai d'inactivité de la session",
            "idle-session 시간 초과로 연결을 끝냅니다",
            "stänger anslutning på grund av idle-session-timeout",
            "terminando la conexión debido a que se agotó el tiempo de espera para sesiones abiertas inactivas",
            "terminazione della connessione a causa del timeout della sessione inattiva",
            "завершення підключення через тайм-аут неактивного сеансу",
            "закрытие подключения из-за тайм-аута простоя сеанса",
            "アイドルセッションタイムアウトにより接続を終了します",
        ],
    },
    // canceling statement due to statement timeout
    Translated {
        pages: &["q-stmt-timeout", "pgb-set-leak"],
        texts: &[
            "annulation de la requête à cause du délai écoulé pour l'exécution de l'instruction",
            "annullamento dell'istruzione a causa di timeout",
            "avbryter sats på grund av sats-timeout",
            "cancelando la sentencia debido a que se agotó el tiempo de espera de sentencias",
            "storniere Anfrage wegen Zeitüberschreitung der Anfrage",
            "виконання оператора скасовано через тайм-аут",
            "выполнение оператора отменено из-за тайм-аута",
            "ステートメントのタイムアウトのためステートメントをキャンセルしています",
            "由于语句执行超时，正在取消查询命令",
            "명령실행시간 초과로 작업을 취소합니다",
        ],
    },
    // canceling statement due to lock timeout
    Translated {
        pages: &["q-lock-timeout"],
        texts: &[
            "annulation de la requête à cause du délai écoulé pour l'obtention des verrous",
            "annullamento dell'istruzione a causa di timeout di lock",
            "avbryter sats på grund av lås-timeout",
            "cancelando la sentencia debido a que se agotó el tiempo de espera de candados (locks)",
            "storniere Anfrage wegen Zeitüberschreitung einer Sperre",
            "виконання оператора скасовано через тайм-аут блокування",
            "выполнение оператора отменено из-за тайм-аута блокировки",
            "გამოსახულება გაუქმდება ბლოკის მოლოდინის ვადის ამოწურვის გამო",
            "ロックのタイムアウトのためステートメントをキャンセルしています",
            "由于锁超时，取消语句操作",
            "잠금 대기 시간 초과로 작업을 취소합니다",
        ],
    },
    // permission denied for schema %s
    Translated {
        pages: &["q-schema-perm"],
        texts: &[
            "droit refusé pour le schéma",
            "keine Berechtigung für Schema",
            "permesso negato per lo schema",
            "permiso denegado al esquema",
            "rättighet saknas för schema",
            "{} 스키마(schema) 접근 권한 없음",
            "немає дозволу для схеми",
            "нет доступа к схеме",
            "წვდომა აკრძალულია სქემაზე: \"{}\"",
            "スキーマ {} へのアクセスが拒否されました",
            "对模式 {} 权限不够",
        ],
    },
    // prepared statement "%s" does not exist
    Translated {
        pages: &["pgb-prepared", "pooler-prepared-statements"],
        texts: &[
            "\"{}\" 이름의 준비된 명령문(prepared statement) 없음",
            "l'instruction préparée « {} » n'existe pas",
            "l'istruzione preparata \"{}\" non esiste",
            "no existe la sentencia preparada «{}»",
            "preparerad sats \"{}\" finns inte",
            "vorbereitete Anweisung »{}« existiert nicht",
            "подготовленный оператор \"{}\" не существует",
            "підготовлений оператор \"{}\" не існує",
            "მომზადებული ოპერატორი \"{}\" არ არსებობს",
            "准备好的语句 \"{}\" 不存在",
            "準備された文\"{}\"は存在しません",
        ],
    },
    // prepared statement "%s" already exists
    Translated {
        pages: &["pgb-prepared", "pooler-prepared-statements"],
        texts: &[
            "\"{}\" 이름의 준비된 명령문(prepared statement)이 이미 있습니다",
            "l'instruction préparée « {} » existe déjà",
            "l'istruzione preparata \"{}\" esiste già",
            "la sentencia preparada «{}» ya existe",
            "preparerad sats \"{}\" finns redan",
            "vorbereitete Anweisung »{}« existiert bereits",
            "подготовленный оператор \"{}\" уже существует",
            "підготовлений оператор \"{}\" вже існує",
            "მომზადებული ოპერატორი \"{}\" უკვე არსებობს",
            "准备好的语句 \"{}\" 已经存在",
            "準備された文\"{}\"はすでに存在します",
        ],
    },
    // unrecognized configuration parameter "%s"
    Translated {
        pages: &["options-bad"],
        texts: &[
            "okänd konfigurationsparameter \"{}\"",
            "parametro di configurazione \"{}\" sconosciuto",
            "paramètre de configuration « {} » non reconnu",
            "parámetro de configuración «{}» no reconocido",
            "unbekannter Konfigurationsparameter »{}«",
            "нераспознанный параметр конфигурации: \"{}\"",
            "нерозпізнаний параметр конфігурації \"{}\"",
            "კონფიგურაციის უცნობი პარამეტრი: \"{}\"",
            "未认可的配置参数 \"{}\"",
            "設定パラメータ\"{}\"は不明です",
            "알 수 없는 환경 매개 변수 이름: \"{}\"",
        ],
    },
    // cannot execute %s in a read-only transaction
    Translated {
        pages: &["standby-read-only"],
        texts: &[
            "kan inte köra {} i read-only-transaktion",
            "ne peut pas exécuter {} dans une transaction en lecture seule",
            "no se puede ejecutar {} en una transacción de sólo lectura",
            "non è possibile eseguire {} in una transazione a sola lettura",
            "{} kann nicht in einer Read-Only-Transaktion ausgeführt werden",
            "в транзакции в режиме \"только чтение\" нельзя выполнить",
            "не можна виконати {} в транзакції \"лише для читання\"",
            "リードオンリーのトランザクションでは {} を実行できません",
            "不能在一个只读模式的事务中执行",
            "읽기 전용 트랜잭션에서는 {} 명령을 실행할 수 없습니다",
        ],
    },
    // Peer authentication failed for user "%s"
    Translated {
        pages: &["method-peer"],
        texts: &[
            "Autenticazione Peer fallita per l'utente \"{}\"",
            "Peer-Authentifizierung für Benutzer »{}« fehlgeschlagen",
            "Peer-autentisering misslyckades för användare \"{}\"",
            "authentification peer échouée pour l'utilisateur « {} »",
            "la autentificación Peer falló para el usuario «{}»",
            "Користувач \"{}\" не пройшов автентифікацію Peer",
            "пользователь \"{}\" не прошёл проверку подлинности (Peer)",
            "პარტნიორის ავთენტიფიკაცია მომხმარებლისთვის \"{}\" ვერ მოხერხდა",
            "ユーザー\"{}\"で対向(peer)認証に失敗しました",
            "对用户\"{}\"的对等认证失败",
            "사용자 \"{}\"의 peer 인증을 실패했습니다",
        ],
    },
    // connection requires a valid client certificate
    Translated {
        pages: &["clientcert-none"],
        texts: &[
            "Anslutning kräver ett giltigt klientcertifikat",
            "Verbindung erfordert ein gültiges Client-Zertifikat",
            "la conexión requiere un certificado de cliente válido",
            "la connessione richiede un certificato valido per il client",
            "la connexion requiert un certificat client valide",
            "для подключения требуется годный сертификат клиента",
            "підключення потребує припустимий сертифікат клієнта",
            "მიერთების მცდელობას კლიენტის სწორი სერტიფიკატი ესაჭიროება",
            "この接続には有効なクライアント証明が必要です",
            "连接中需要一个有效的客户端认证",
            "연결에 유효한 클라이언트 인증서가 필요함",
        ],
    },
    // could not translate host name "%s" to address: %s
    Translated {
        pages: &["dns-nxdomain", "dns-servfail"],
        texts: &[
            "\"{}\" 호스트 이름을 전송할 수 없습니다: 대상 주소",
            "conversione del nome host \"{}\" in indirizzo fallita",
            "konnte Hostnamen »{}« nicht in Adresse übersetzen",
            "kunde inte översätta värdnamn \"{}\" till adress",
            "n'a pas pu traduire le nom d'hôte « {} » en adresse ",
            "no se pudo traducir el nombre «{}» a una dirección",
            "не вдалося перекласти ім’я хоста \"{}\" в адресу",
            "преобразовать имя \"{}\" в адрес не удалось",
            "ჰოსტის სახელის ({}) მისამართში თარგმნის შეცდომა",
            "ホスト名\"{}\"をアドレスに変換できませんでした",
            "无法解释主机名 \"{}\" 到地址",
        ],
    },
    // server closed the connection unexpectedly
    Translated {
        pages: &["tcp-fin-after-accept", "stale-connection"],
        texts: &[
            "Server beendete die Verbindung unerwartet",
            "el servidor ha cerrado la conexión inesperadamente",
            "il server ha chiuso la connessione inaspettatamente",
            "la connexion au serveur a été coupée de façon inattendue",
            "servern stängde oväntat ner uppkopplingen",
            "сервер неожиданно закрыл соединение",
            "сервер неочікувано закрив підключення",
            "სერვერმა კავშირი მოულოდნელად დახურა",
            "サーバーとの接続が想定外にクローズされました",
            "服务器意外地关闭了联接",
            "서버가 갑자기 연결을 닫았음",
        ],
    },
    // server does not support SSL, but SSL was required
    Translated {
        pages: &["ssl-n-required", "tls-mismatch"],
        texts: &[
            "SSL stöds inte av servern, men SSL krävdes",
            "Server unterstützt kein SSL, aber SSL wurde verlangt",
            "el servidor no soporta SSL, pero SSL es requerida",
            "il server non supporta SSL, ma SSL è stato richiesto",
            "le serveur ne supporte pas SSL alors que SSL était réclamé",
            "затребовано подключение через SSL, но сервер не поддерживает SSL",
            "сервер не підтримує протокол SSL, але протокол SSL вимагається",
            "სერვერს SSL-ის მხარდაჭერა არ გააჩნია, მაგრამ SSL-ი აუცილებელია",
            "サーバーはSSLをサポートしていませんが、SSLが要求されました",
            "服务器不支持 SSL, 但是要求使用 SSL",
            "서버가 SSL 기능을 지원하지 않는데, SSL 기능을 요구했음",
        ],
    },
    // SSL connection has been closed unexpectedly
    Translated {
        pages: &["stale-connection"],
        texts: &[
            "SSL підключення було неочікувано перервано",
            "SSL შეერთება მოულოდნელად დაიხურა",
            "SSL 연결이 예상치 못하게 끊김",
            "SSL-Verbindung wurde unerwartet geschlossen",
            "SSL-anslutning har oväntat stängts",
            "SSL-соединение было неожиданно закрыто",
            "SSL接続が意図せずにクローズされました",
            "SSL连接异常关闭",
            "la conexión SSL se ha cerrado inesperadamente",
            "la connessione SSL è stata chiusa inaspettatamente",
            "la connexion SSL a été fermée de façon inattendue",
        ],
    },
    // server certificate for "%s" does not match host name "%s"
    Translated {
        pages: &["tls-wrong-host", "tls-not-verified"],
        texts: &[
            "\"{}\"のサーバー証明書がホスト名\"{}\"とマッチしません",
            "\"{}\"的服务器证书与主机名不匹配\"{}\"",
            "Server-Zertifikat für »{}« stimmt nicht mit dem Hostnamen »{}« überein",
            "el certificado de servidor para «{}» no coincide con el nombre de servidor «{}»",
            "il certificato per il server \"{}\" non combacia col nome host \"{}\"",
            "le certificat serveur pour « {} » ne correspond pas au nom d'hôte « {} »",
            "servercertifikat för  \"{}\" matchar inte värdnamn \"{}\"",
            "серверний сертифікат \"{}\" не співпадає з іменем хосту \"{}\"",
            "серверный сертификат для \"{}\" не соответствует имени сервера \"{}\"",
            "სერვერის სერტიფიკატი \"{}\"-თვის ჰოსტის სახელს (\"{}\") არ ემთხვევა",
            "서버 인증서의 이름 \"{}\"이(가) 호스트 이름 \"{}\"과(와) 일치하지 않음",
        ],
    },
    // channel binding required, but SSL not in use
    Translated {
        pages: &["cb-no-tls", "channel-binding-refused"],
        texts: &[
            "Channel-Binding wurde verlangt, aber SSL wird nicht verwendet",
            "associazione di canale richiesta, ma SSL non in uso",
            "kräver kanalbindning, men SSL används inte",
            "lien de canal requis, mais SSL non utilisé",
            "se requiere enlazado de canal (channel binding), pero no se está usando SSL",
            "необхідно зв’язування каналів, але SSL не використовується",
            "требуется привязка каналов, но SSL не используется",
            "მითითებულია არხის მიბმა, მაგრამ SSL არ გამოიყენება",
            "チャネルバインディングが要求されていますが、SSLが使用されていません",
            "需要通道绑定，但未使用SSL",
            "채널 바인딩이 필요한데, SSL 기능이 꺼져있음",
        ],
    },
    // invalid port number: "%s"
    Translated {
        pages: &["url-port"],
        texts: &[
            "numero di porta non valido: \"{}\"",
            "numéro de port invalide : « {} »",
            "número de puerto no válido: «{}»",
            "ogiltigt portnummer \"{}\"",
            "ungültige Portnummer: »{}«",
            "неверный номер порта: \"{}\"",
            "неприпустимий номер порту: \"{}\"",
            "პორტის არასწორი ნომერი: \"{}\"",
            "不正なポート番号です: \"{}\"",
            "无效端口号: \"{}\"",
            "잘못된 포트 번호: \"{}\"",
        ],
    },
    // invalid percent-encoded token: "%s"
    Translated {
        pages: &["url-bad-percent"],
        texts: &[
            "elemento escapado con %% no válido: «{}»",
            "jeton encodé en pourcentage invalide : « {} »",
            "ogiltigt procent-kodad symbol: \"{}\"",
            "simbolo percent-encoded non valido \"{}\"",
            "ungültiges Prozent-kodiertes Token: »{}«",
            "неверный символ, закодированный с %%: \"{}\"",
            "неприпустимий токен, закодований відсотками: \"{}\"",
            "არასწორი პროცენტულად-კოდირებული კოდი: \"{}\"",
            "不正なパーセント符号化トークン: \"{}\"",
            "无效的百分号编码令牌: \"{}\"",
            "잘못된 퍼센트 인코드 토큰: \"{}\"",
        ],
    },
];
