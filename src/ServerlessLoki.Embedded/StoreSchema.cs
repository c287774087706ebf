using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ServerlessLoki.Embedded;

/// <summary>The store's tables, and how an older file becomes the present one.</summary>
internal static class StoreSchema
{
    /// <summary>Marks the file as ours in SQLite's header ("Loki").</summary>
    private const int ApplicationId = 0x4C6F6B69;

    /// <summary>Step i makes version i + 1 of version i. Steps that were released never change.</summary>
    private static readonly string[] Steps =
    [
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
        CREATE TABLE payloads (id INTEGER PRIMARY KEY AUTOINCREMENT, bytes BLOB NOT NULL);
        CREATE TABLE documents (name TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
        """,
        """
        ALTER TABLE documents ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        CREATE TABLE samples (
          series TEXT NOT NULL,
          second INTEGER NOT NULL,
          source TEXT NOT NULL,
          json TEXT NOT NULL,
          PRIMARY KEY (series, second, source)
        ) WITHOUT ROWID;
        """,
        "CREATE INDEX runs_by_end ON runs (ended) WHERE ended IS NOT NULL;",
    ];

    public static int Version => Steps.Length;

    /// <summary>Brings a file to the present version, all steps in one transaction.</summary>
    /// <exception cref="StoreException">The file is another program's, or from a newer version.</exception>
    public static void Apply(SqliteConnection connection, string path)
    {
        var application = Pragma(connection, "application_id");
        var version = Pragma(connection, "user_version");
        if (application != ApplicationId && (application != 0 || version != 0 || HasTables(connection)))
            throw new StoreException($"'{path}' is a database of another program. Choose another data directory.");
        if (version > Version)
        {
            throw new StoreException(
                $"'{path}' has schema version {version}, this build knows up to {Version}: it was written by a newer version. Use that version, or another data directory.");
        }

        if (version == Version)
            return;
        using var transaction = connection.BeginTransaction();
        foreach (var step in Steps.Skip((int)version))
            Execute(connection, step);
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
