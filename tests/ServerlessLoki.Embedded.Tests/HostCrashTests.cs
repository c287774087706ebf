using Microsoft.Data.Sqlite;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Runs;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Kill -9 of a host that serves accepted runs.</summary>
public sealed class HostCrashTests : IDisposable
{
    private const int Runs = 200;
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Kill_With200AcceptedRuns_NextStartEndsEachOnce()
    {
        var token = TestContext.Current.CancellationToken;
        SqliteDatabase.Open(_directory.Path).Dispose();
        // Every result that is ever written leaves a line here, also one that would replace another.
        Sql("CREATE TABLE audit (id TEXT); CREATE TRIGGER results AFTER UPDATE OF result ON runs BEGIN INSERT INTO audit VALUES (new.id); END;");
        var accepted = new List<string>();
        using (var child = ChildProcess.Start("host", _directory.Path))
        {
            using var client = new HttpClient { BaseAddress = new Uri((await child.StandardOutput.ReadLineAsync(token))!) };
            var png = PictureCodec.EncodePng(RgbImage.Over(16, 16, new byte[768]));
            while (accepted.Count < Runs)
            {
                using var response = await client.PostBytesAsync("/runs", png, null, "image/png");
                Assert.Equal(202, (int)response.StatusCode);
                accepted.Add((await response.JsonAsync()).GetProperty("id").GetString()!);
            }

            child.Kill();
            await child.WaitForExitAsync(token);
        }

        var endedBefore = Count("SELECT count(*) FROM runs WHERE state <> 0");
        Assert.True(endedBefore < Runs, "nothing was left to take up: the kill came too late to test anything");
        using (var child = ChildProcess.Start("host", _directory.Path))
        {
            using var client = new HttpClient { BaseAddress = new Uri((await child.StandardOutput.ReadLineAsync(token))!) };
            foreach (var id in accepted)
            {
                while (true)
                {
                    using var response = await client.GetPathAsync("/runs/" + id);
                    var state = (await response.JsonAsync()).GetProperty("state").GetString();
                    Assert.NotEqual("failed", state);
                    if (state == "completed")
                        break;
                    await Task.Delay(10, token);
                }
            }

            child.Kill();
            await child.WaitForExitAsync(token);
        }

        Assert.Equal(Runs, Count($"SELECT count(*) FROM runs WHERE state = {(int)RunState.Completed} AND result IS NOT NULL"));
        Assert.Equal(Runs, Count("SELECT count(*) FROM audit"));
        Assert.Equal(Runs, Count("SELECT count(DISTINCT id) FROM audit"));
    }

    /// <summary>The child: a host that works slowly enough to be killed in the middle.</summary>
    internal static async Task ServeForeverAsync(string directory)
    {
        var models = Directory.CreateDirectory(Path.Combine(directory, "models")).FullName;
        await using var host = await EmbeddedHost.StartAsync(
            new EmbeddedHostOptions
            {
                PipelineFiles = [TinyPipeline.Write(models, layers: 12)],
                DataDirectory = directory,
                Runs = new RunOptions { Concurrency = 1 },
            },
            default);
        Console.WriteLine(host.BaseAddress);
        await Task.Delay(Timeout.Infinite);
    }

    private void Sql(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Count(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.Path, "loki.db")};Pooling=False");
        connection.Open();
        return connection;
    }
}
