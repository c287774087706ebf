using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ServerlessLoki.Embedded;

/// <summary>Tables of the store.</summary>
internal static class StoreSchema
{
    /// <summary>Identifier of a ServerlessLoki store in SQLite's file header ("Loki").</summary>
    private const int ApplicationId = 0x4C6F6B69;

    private const string Tables =
        """
        CREATE TABLE runs (
          seq INTEGER PRIMARY KEY AUTOINCREMENT,
          id TEXT NOT NULL UNIQUE,
          pipeline TEXT NOT NULL,
          state INTEGER NOT NULL,
          payload TEXT NOT NULL,
          parameters TEXT NOT NULL,
          result TEXT,
          created INTEGER NOT NULL,
          ended INTEGER
        );
        CREATE INDEX runs_by_state ON runs (state, seq);
        CREATE INDEX runs_by_end ON runs (ended) WHERE ended IS NOT NULL;
        CREATE TABLE payloads (id INTEGER PRIMARY KEY AUTOINCREMENT, bytes BLOB NOT NULL);
        CREATE TABLE documents (name TEXT PRIMARY KEY, json TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
        CREATE TABLE samples (
          series TEXT NOT NULL,
          second INTEGER NOT NULL,
          source TEXT NOT NULL,
          json TEXT NOT NULL,
          PRIMARY KEY (series, second, source)
        ) WITHOUT ROWID;
        """;

    /// <summary>Version of the tables, raised with every change; a file of another version is refused.</summary>
    public const int Version = 3;

    /// <summary>Creates the tables in an empty file, and checks those of an existing one.</summary>
    /// <exception cref="StoreException">The file is another program's, or of another version.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        var application = Pragma(connection, "application_id");
        var version = Pragma(connection, "user_version");
        if (application == ApplicationId)
        {
            if (version != Version)
            {
                throw new StoreException(
                    $"'{path}' has schema version {version}, this build reads {Version}: another build wrote it. Use that build, or another data directory.");
            }

            return;
        }

        if (application != 0 || version != 0 || HasTables(connection))
            throw new StoreException($"'{path}' is a database of another program. Choose another data directory.");
        using var transaction = connection.BeginTransaction();
        Execute(connection, Tables);
        Execute(connection, $"PRAGMA application_id = {ApplicationId.ToString(CultureInfo.InvariantCulture)}; PRAGMA user_version = {Version.ToString(CultureInfo.InvariantCulture)};");
        transaction.Commit();
    }

    private static bool HasTables(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT count(*) FROM sqlite_master";
        return (long)command.ExecuteScalar()! > 0;
    }

    private static long Pragma(SqliteConnection connection, string name)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA " + name;
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
