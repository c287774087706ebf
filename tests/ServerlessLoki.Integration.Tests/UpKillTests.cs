using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Integration.Tests;

/// <summary>Kill -9 of <c>loki up</c> while it has accepted runs.</summary>
public sealed class UpKillTests : IDisposable
{
    private const int Runs = 200;
    private readonly string _data = Directory.CreateTempSubdirectory("loki-kill").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Up_KilledWith200AcceptedRuns_NextOneEndsEachOnce()
    {
        var token = TestContext.Current.CancellationToken;
        var accepted = new ConcurrentBag<string>();
        long endedBefore;
        using (var loki = Up())
        {
            using var client = await ClientAsync(loki);
            // Every result that is ever written leaves a line here, also one that would replace another.
            Sql("CREATE TABLE audit (id TEXT); CREATE TRIGGER results AFTER UPDATE OF result ON runs BEGIN INSERT INTO audit VALUES (new.id); END;");
            var scenes = Enumerable.Range(1, 5).Select(s => PictureCodec.EncodePng(SceneGenerator.Generate((ulong)s).Image)).ToArray();
            // Accepted quicker than they are worked off, so that the kill finds runs waiting, in hand and ended.
            await Parallel.ForEachAsync(Enumerable.Range(0, Runs), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = token }, async (i, _) =>
            {
                using var response = await client.PostBytesAsync("/runs", scenes[i % scenes.Length], null, "image/png");
                Assert.Equal(202, (int)response.StatusCode);
                accepted.Add((await response.JsonAsync()).GetProperty("id").GetString()!);
            });
            while (Sql("SELECT count(*) FROM audit") == 0)
                await Task.Delay(5, token);
            loki.Kill();
            await loki.WaitForExitAsync(token);
            endedBefore = Sql("SELECT count(*) FROM audit");
        }

        Assert.Equal(Runs, accepted.Distinct().Count());
        Assert.True(endedBefore is > 0 and < Runs, $"{endedBefore} of {Runs} runs had ended at the kill: it tests nothing unless some had and some had not");
        using (var loki = Up())
        {
            using var client = await ClientAsync(loki);
            foreach (var id in accepted)
            {
                string? state;
                while ((state = await StateAsync(client, id)) == "accepted")
                    await Task.Delay(20, token);
                Assert.Equal("completed", state);
            }

            loki.Kill();
            await loki.WaitForExitAsync(token);
        }

        Assert.Equal(Runs, Sql("SELECT count(*) FROM runs WHERE result IS NOT NULL"));
        Assert.Equal(Runs, Sql("SELECT count(*) FROM audit"));
        Assert.Equal(Runs, Sql("SELECT count(DISTINCT id) FROM audit"));
    }

    private Process Up()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "loki"))
        {
            ArgumentList = { "up", "--json", "--port", "0", "--data", _data },
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    /// <summary>Reads the one document that <c>up</c> prints when it serves.</summary>
    private static async Task<HttpClient> ClientAsync(Process loki)
    {
        var text = new StringBuilder();
        while (await loki.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            text.AppendLine(line);
            if (line.TrimEnd().EndsWith('}'))
                break;
        }

        using var document = JsonDocument.Parse(text.ToString());
        return new HttpClient { BaseAddress = new Uri(document.RootElement.GetProperty("url").GetString()!) };
    }

    private static async Task<string?> StateAsync(HttpClient client, string id)
    {
        using var response = await client.GetPathAsync("/runs/" + id);
        return (await response.JsonAsync()).GetProperty("state").GetString();
    }

    private long Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_data, "loki.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long count ? count : 0;
    }
}
