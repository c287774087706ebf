using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServerlessLoki.Forecasting;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Http.Tests;
using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Embedded.Tests;

/// <summary>Pipelines in an ASP.NET Core app that is somebody else's.</summary>
public sealed class OwnAppTests : IDisposable
{
    private readonly TempDirectory _models = new();
    private readonly TempDirectory _data = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Picture => PictureCodec.EncodePng(RgbImage.Over(16, 16, [.. Enumerable.Range(0, 16 * 16 * 3).Select(i => (byte)(i * 37))]));

    public void Dispose()
    {
        _models.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task App_WithPagesOfItsOwn_ServesPipelinesBesideThem()
    {
        var builder = Builder();
        builder.Services.AddServerlessLoki(Tiny);
        await using var app = builder.Build();
        app.MapGet("/", () => "the app's own page");
        app.MapServerlessLoki();
        await app.StartAsync(Token);
        using var client = Client(app);

        using var answer = await client.PostBytesAsync("/v2/models/tiny/infer", Picture, null, "image/png");
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.Equal(0.9, (await answer.JsonAsync()).GetProperty("parameters").GetProperty("accuracy").GetDouble());
        using var run = await client.PostBytesAsync("/runs?pipeline=tiny", Picture, null, "image/png");
        Assert.Equal(202, (int)run.StatusCode);
        Assert.Equal("the app's own page", await client.GetStringAsync(new Uri("/", UriKind.Relative), Token));
        Assert.True(app.Services.GetRequiredService<IServingEngine>().IsReady);
        using var wrong = await client.PostBytesAsync("/v2/models/none/infer", Picture, null, "image/png");
        await wrong.ErrorAsync(404, "not_found");
        using var foreign = await client.GetPathAsync("/not-mapped");
        Assert.Equal((404, ""), ((int)foreign.StatusCode, await foreign.TextAsync()));
    }

    [Fact]
    public async Task Prefix_StatusPage_IsSentToWhereItsLinksHold()
    {
        var builder = Builder();
        builder.Services.AddServerlessLoki(Tiny);
        await using var app = builder.Build();
        app.MapServerlessLoki("/loki");
        await app.StartAsync(Token);
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = Client(app).BaseAddress };

        using var bare = await client.GetPathAsync("/loki");
        Assert.Equal((302, "/loki/"), ((int)bare.StatusCode, bare.Headers.Location?.OriginalString));
        var page = await client.GetStringAsync(new Uri("/loki/", UriKind.Relative), Token);
        Assert.Contains("get('status')", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/", page, StringComparison.Ordinal);
        using var status = await client.GetPathAsync("/loki/status");
        Assert.Equal("serving", (await status.JsonAsync()).GetProperty("state").GetString());
        using var elsewhere = await client.GetPathAsync("/status");
        Assert.Equal(404, (int)elsewhere.StatusCode);
    }

    [Fact]
    public async Task Conventions_OfTheApp_HoldForAllEndpoints()
    {
        var builder = Builder();
        builder.Services.AddServerlessLoki(Tiny);
        await using var app = builder.Build();
        app.MapServerlessLoki().RequireHost("pipelines.example");
        await app.StartAsync(Token);
        using var client = Client(app);

        foreach (var path in (string[])["/", "/plan", "/v2/health/live", "/v2/models/tiny"])
        {
            using var answer = await client.GetPathAsync(path);
            Assert.Equal(404, (int)answer.StatusCode);
        }

        client.DefaultRequestHeaders.Host = "pipelines.example";
        using var known = await client.GetPathAsync("/v2/health/live");
        Assert.Equal(200, (int)known.StatusCode);
    }

    [Fact]
    public async Task BodyLimit_IsTheApisOwn_AndLeavesTheAppsAlone()
    {
        var builder = Builder();
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = 50);
        builder.Services.AddServerlessLoki(Tiny);
        await using var app = builder.Build();
        app.MapPost("/own", async (HttpRequest request) => await new StreamReader(request.Body).ReadToEndAsync(Token));
        app.MapServerlessLoki();
        await app.StartAsync(Token);
        using var client = Client(app);

        using var own = await client.PostBytesAsync("/own", Picture, null, "image/png");
        Assert.Equal(413, (int)own.StatusCode);
        using var picture = await client.PostBytesAsync("/v2/models/tiny/infer", Picture, null, "image/png");
        Assert.Equal(200, (int)picture.StatusCode);
    }

    [Fact]
    public async Task Options_FromConfiguration_AreTakenFromTheContentRoot()
    {
        TinyPipeline.Write(_models.Path);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = _models.Path });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Loki:PipelineFiles:0"] = "tiny.json", ["Loki:DataDirectory"] = "store", ["Loki:Engine:Policy"] = "hardware-only", ["Loki:Engine:MaxBatch"] = "3", ["Loki:Runs:Concurrency"] = "2",
        });
        builder.Services.AddServerlessLoki().BindConfiguration("Loki");
        await using var app = builder.Build();
        app.MapServerlessLoki();
        await app.StartAsync(Token);

        var engine = app.Services.GetRequiredService<IServingEngine>();
        Assert.Equal(("hardware-only", 3), (engine.Options.Policy, engine.Options.MaxBatch));
        Assert.True(Directory.Exists(Path.Combine(_models.Path, "store")));
    }

    [Fact(Timeout = 120_000)]
    public async Task Options_PolicyAndForecasterOfTheApp_ServeByTheirNames()
    {
        var builder = Builder();
        builder.Services.AddServerlessLoki(Tiny).Configure(o =>
        {
            o.AddPolicy(new PolicyEntry("own", "loki, called otherwise", (s, c) => new OwnPolicy(new LokiPolicy(s, c))));
            o.AddForecaster(new ForecasterEntry("fixed", "the same for ever", x => new FixedForecaster(x ?? 1)) { Figure = "queries per second" });
            o.Engine = o.Engine with { Policy = "own", Forecaster = "fixed:3" };
        });
        await using var app = builder.Build();
        app.MapServerlessLoki();
        await app.StartAsync(Token);
        using var client = Client(app);

        using var answer = await client.PostBytesAsync("/v2/models/tiny/infer", Picture, null, "image/png");
        Assert.Equal(200, (int)answer.StatusCode);
        var engine = app.Services.GetRequiredService<IServingEngine>();
        Assert.Equal("own", engine.Plan!.Policy);
        // Forecasts begin with the first control period.
        while (engine.Status().Pipelines[0].ForecastQps != 3)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
    }

    [Fact]
    public async Task Start_FaultsInOptions_AreOneErrorBeforeThePortOpens()
    {
        var builder = Builder();
        builder.Services.AddServerlessLoki(o =>
        {
            o.PipelineFiles = [Path.Combine(_models.Path, "nowhere.json")];
            o.DataDirectory = " ";
            o.Slots = 0;
            o.Engine = new EngineOptions { Policy = "unifed", Utilization = 2 };
        });
        await using var app = builder.Build();

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Token));

        Assert.All(
            ["5 faults", "PipelineFiles: out of bounds; found \"", "DataDirectory", "Slots: out of bounds; found 0; allowed: 1 to 65536", "did you mean \"unified\"?", "Engine.Utilization"],
            part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.DoesNotContain(app.Urls, u => !u.EndsWith(":0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Start_BadPipelineFile_IsRefusedBeforeThePortOpens()
    {
        var builder = Builder();
        var file = Path.Combine(_models.Path, "bad.json");
        await File.WriteAllTextAsync(file, """{ "name": "bad" }""", Token);
        builder.Services.AddServerlessLoki(o => (o.PipelineFiles, o.DataDirectory) = ([file], _data.Path));
        await using var app = builder.Build();
        app.MapServerlessLoki();

        var refused = await Assert.ThrowsAsync<PipelineFormatException>(() => app.StartAsync(Token));

        Assert.True(refused.Faults.Length > 1, refused.Message);
        Assert.DoesNotContain(app.Urls, u => !u.EndsWith(":0", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(app.Services.GetRequiredService<IServingEngine>);
    }

    [Fact]
    public async Task Stop_LeavesTheDataFolderToTheNext()
    {
        for (var i = 0; i < 2; i++)
        {
            var builder = Builder();
            builder.Services.AddServerlessLoki(Tiny);
            await using var app = builder.Build();
            app.MapServerlessLoki();
            await app.StartAsync(Token);
            await app.StopAsync(Token);
        }
    }

    [Fact]
    public async Task Map_WithoutServices_SaysWhatToCall()
    {
        await using var app = Builder().Build();

        var refused = Assert.Throws<InvalidOperationException>(() => app.MapServerlessLoki());

        Assert.Contains("AddServerlessLoki", refused.Message, StringComparison.Ordinal);
    }

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.First()) };

    private sealed class OwnPolicy(IPlanningPolicy inner) : IPlanningPolicy
    {
        public string Name => "own";

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default) => inner.Plan(problem, cancellationToken) with { Policy = Name };
    }

    private sealed class FixedForecaster(double qps) : IDemandForecaster
    {
        public string Name => "fixed";

        public double ForecastQps => qps;

        public void Observe(double qps)
        {
        }
    }

    private void Tiny(ServerlessLokiOptions options) => (options.PipelineFiles, options.DataDirectory) = ([TinyPipeline.Write(_models.Path)], _data.Path);
}
