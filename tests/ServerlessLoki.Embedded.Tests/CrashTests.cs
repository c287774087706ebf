using System.Globalization;
using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Kill -9 of a process that writes: what it was told is stored, is stored.</summary>
public sealed class CrashTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Kill_WhileWriting_LosesNothingThatWasConfirmed()
    {
        var token = TestContext.Current.CancellationToken;
        var accepted = new HashSet<string>();
        var ended = new HashSet<string>();
        for (var round = 0; round < 3; round++)
        {
            using var child = ChildProcess.Start("writer", _directory.Path);
            for (var lines = 0; lines < 200 && await child.StandardOutput.ReadLineAsync(token) is { } line; lines++)
                (line[0] == 'A' ? accepted : ended).Add(line[2..]);
            child.Kill();
            // What was printed before the kill counts too.
            while (await child.StandardOutput.ReadLineAsync(token) is { } line)
            {
                if (line.Length == 34)
                    (line[0] == 'A' ? accepted : ended).Add(line[2..]);
            }

            await child.WaitForExitAsync(token);
        }

        Assert.True(accepted.Count > 200, $"{accepted.Count}");
        Assert.True(ended.Count > 100, $"{ended.Count}");
        using var database = SqliteDatabase.Open(_directory.Path);
        var store = new SqliteStateStore(database);
        var payloads = new SqlitePayloadStore(database);
        foreach (var id in accepted)
        {
            var run = await store.FindRunAsync(id, token);
            Assert.NotNull(run);
            if (ended.Contains(id))
                Assert.Equal((RunState.Completed, "\"" + id + "\""), (run.State, run.Result));
            if (run.State == RunState.Accepted)
                Assert.Equal(id, Convert.ToHexStringLower((await payloads.FindAsync(run.Payload, token))!));
        }
    }

    /// <summary>The child: accepts and ends runs as fast as it can, and prints each one after the store confirmed it.</summary>
    internal static async Task WriteForeverAsync(string directory)
    {
        using var database = SqliteDatabase.Open(directory);
        var store = new SqliteStateStore(database);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            while (true)
            {
                var id = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
                await store.AcceptAsync(SqliteStateStoreTests.Run(id), Convert.FromHexString(id), default);
                Console.WriteLine("A " + id);
                await store.EndRunAsync(id, RunState.Completed, "\"" + id + "\"", DateTimeOffset.UnixEpoch, default);
                Console.WriteLine("E " + id);
            }
        }));
    }
}
