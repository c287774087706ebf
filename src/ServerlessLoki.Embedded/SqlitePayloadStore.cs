using System.Globalization;
using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded;

/// <summary>Payload store on SQLite rows. Tokens are <c>sqlite:1:ID</c>; ids are never reused.</summary>
/// <param name="database">Database; not owned.</param>
internal sealed class SqlitePayloadStore(SqliteDatabase database) : IPayloadStore
{
    private const string Prefix = "sqlite:1:";

    /// <inheritdoc />
    public ValueTask<string> PutAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        database.WriteAsync(c => Put(c, payload), cancellationToken);

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public ValueTask<byte[]?> FindAsync(string token, CancellationToken cancellationToken)
    {
        var id = Id(token);
        return ValueTask.FromResult(database.Read(c =>
        {
            using var command = c.CreateCommand();
            command.CommandText = "SELECT bytes FROM payloads WHERE id = $id";
            command.Parameters.AddWithValue("$id", id);
            return (byte[]?)command.ExecuteScalar();
        }));
    }

    /// <inheritdoc />
    /// <exception cref="FormatException">The token is another store's.</exception>
    public async ValueTask DeleteAsync(string token, CancellationToken cancellationToken)
    {
        var id = Id(token);
        await database.WriteAsync(
            c =>
            {
                using var command = c.CreateCommand();
                command.CommandText = "DELETE FROM payloads WHERE id = $id";
                command.Parameters.AddWithValue("$id", id);
                return command.ExecuteNonQuery();
            },
            cancellationToken);
    }

    internal static string Put(SqliteConnection connection, ReadOnlyMemory<byte> payload)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "INSERT INTO payloads (bytes) VALUES ($bytes) RETURNING id";
        // The parameter takes part of an array as it is; only other memory is copied.
        if (System.Runtime.InteropServices.MemoryMarshal.TryGetArray(payload, out var segment) && segment is { Offset: 0, Array: not null })
            command.Parameters.Add(new SqliteParameter("$bytes", SqliteType.Blob, segment.Count) { Value = segment.Array });
        else
            command.Parameters.Add(new SqliteParameter("$bytes", SqliteType.Blob) { Value = payload.ToArray() });
        return Prefix + ((long)command.ExecuteScalar()!).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Deletes the payloads that no unfinished run holds. At the start only those runs hold tokens; other payloads were left by a
    /// dead process.</summary>
    internal static void DeleteOrphans(SqliteConnection connection) => SqliteDatabase.Execute(
        connection, $"DELETE FROM payloads WHERE ('{Prefix}' || id) NOT IN (SELECT payload FROM runs WHERE state = 0)");

    private static long Id(string token) =>
        token.StartsWith(Prefix, StringComparison.Ordinal)
        && long.TryParse(token.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new FormatException($"'{token}' is no token of this store, which look like {Prefix}17.");
}
