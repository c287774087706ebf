using System.Diagnostics;
using System.Text.Json;
using ServerlessLoki.Embedded.Tests;
using ServerlessLoki.Samples.OwnApp;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Samples.Tests.OwnApp;

/// <summary>The sample app as its reader starts it.</summary>
public sealed class OwnAppProcessTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact(Timeout = 300_000)]
    public async Task App_StartedWithItsSettings_ServesByItsOwnPolicyAndForecaster()
    {
        using var app = Start("--Loki:PipelineFiles:0", TinyPipeline.Write(_models.Path), "--Loki:DataDirectory", _data.Path, "--Loki:Slots", "8");
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri(await AddressAsync(app)) };
            Assert.Equal("Pipelines are at /loki/.", await client.GetStringAsync(new Uri("/", UriKind.Relative), Token));
            while ((await JsonAsync(client, "/loki/status")).GetProperty("state").GetString() != "serving")
                await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
            using var picture = new ByteArrayContent(PictureCodec.EncodePng(RgbImage.Over(16, 16, new byte[16 * 16 * 3])));
            picture.Headers.ContentType = new("image/png");
            using var answer = await client.PostAsync(new Uri("/loki/v2/models/tiny/infer", UriKind.Relative), picture, Token);
            Assert.Equal(200, (int)answer.StatusCode);
            Assert.Equal(LeaveRoomPolicy.Entry.Name, (await JsonAsync(client, "/loki/status")).GetProperty("policy").GetString());
            var plan = await JsonAsync(client, "/loki/plan");
            Assert.Contains("a quarter of the slots is left to other programs", plan.GetProperty("why").EnumerateArray().Select(w => w.GetString()));
            Assert.InRange(plan.GetProperty("slots").EnumerateArray().Sum(s => s.GetProperty("replicas").GetInt32()), 1, 6);
        }
        finally
        {
            app.Kill();
            await app.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static Process Start(params string[] settings)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in (string[])[
            "exec", Path.Combine(AppContext.BaseDirectory, "ServerlessLoki.Samples.OwnApp.dll"), "--contentRoot", AppContext.BaseDirectory, "--urls", "http://127.0.0.1:0", .. settings])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    /// <summary>Where it listens, as its log says.</summary>
    private static async Task<string> AddressAsync(Process app)
    {
        const string Says = "Now listening on: ";
        var lines = new List<string>();
        while (await app.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            lines.Add(line);
            if (line.Contains(Says, StringComparison.Ordinal))
            {
                // What it goes on to log must not fill the pipe.
                _ = app.StandardOutput.BaseStream.CopyToAsync(Stream.Null, Token);
                return line[(line.IndexOf(Says, StringComparison.Ordinal) + Says.Length)..].Trim();
            }
        }

        Assert.Fail("The app ended: " + string.Join('\n', lines));
        return "";
    }

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path)
    {
        using var document = JsonDocument.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), Token));
        return document.RootElement.Clone();
    }
}
