using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ServerlessLoki.Azure.Storage;
using ServerlessLoki.LocalCloud.ServiceBus;
using ServerlessLoki.Samples;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.TestUtils;

namespace ServerlessLoki.Worker.Tests;

/// <summary>The whole process but for its signals: real storage, real models, a broker.</summary>
public sealed class WorkerHostTests(AzuriteFixture azurite) : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("loki-worker");

    [Fact]
    public async Task Start_ModelsInContainer_FetchesThemRegistersAndDrains()
    {
        var token = TestContext.Current.CancellationToken;
        var storage = await azurite.ConnectionStringAsync();
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, token);
        var account = StorageAccount.ConnectLocally(storage);
        var container = AzuriteFixture.UniqueName();
        await UploadAsync(account, container, token);
        await using var app = WorkerHost.Build(Arguments(storage, bus, container));
        await app.StartAsync(token);
        using var client = Client(app);

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/healthz/live", token)).StatusCode);
        var status = await WorkingAsync(client, token);
        var state = new TableStateStore(account, new BlobPayloadStore(account));
        Assert.Equal(("test-device", 2), (status.GetProperty("device").GetString(), status.GetProperty("engine").GetProperty("slots").GetInt32()));
        Assert.NotEmpty(await OwnLeasesAsync(state, token));
        Assert.True(File.Exists(Path.Combine(_folder.FullName, "traffic", "pipeline.json")));

        await app.StopAsync(token);

        Assert.Empty(await OwnLeasesAsync(state, token));
    }

    [Fact]
    public async Task Start_NothingToServe_StopsTheProcessWithAFailure()
    {
        var token = TestContext.Current.CancellationToken;
        var storage = await azurite.ConnectionStringAsync();
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, token);
        await using var app = WorkerHost.Build(Arguments(storage, bus, container: null));
        var before = Environment.ExitCode;
        try
        {
            await app.StartAsync(token);
            await app.WaitForShutdownAsync(token);

            Assert.Equal(1, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = before;
        }
    }

    [Fact]
    public async Task Start_PortOfItsProbesIsTaken_SaysSoInOneLineAndEndsWithOne()
    {
        var token = TestContext.Current.CancellationToken;
        var storage = await azurite.ConnectionStringAsync();
        await using var bus = await LocalServiceBus.StartAsync(new LocalServiceBusOptions { AmqpPort = 0, AdministrationPort = 0 }, token);
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "ServerlessLoki.Worker.dll"), .. Arguments(storage, bus, container: null), "--urls", $"http://{taken.LocalEndpoint}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var worker = Process.Start(start)!;
        _ = worker.StandardOutput.ReadToEndAsync(token);

        var errors = await worker.StandardError.ReadToEndAsync(token);
        await worker.WaitForExitAsync(token);

        Assert.Equal(1, worker.ExitCode);
        Assert.Matches($@"^The worker cannot start: .*{taken.LocalEndpoint}.*address already in use.*--urls http://[^ ]+\)\.\s*$", errors);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task UploadAsync(StorageAccount account, string container, CancellationToken token)
    {
        var models = account.Blobs.GetBlobContainerClient(container);
        await models.CreateIfNotExistsAsync(cancellationToken: token);
        var root = Path.GetDirectoryName(TrafficSample.PipelinePath)!;
        foreach (var file in Directory.EnumerateFiles(root, "*.onnx", SearchOption.AllDirectories))
            await UploadAsync($"traffic/{Path.GetRelativePath(root, file).Replace('\\', '/')}", await File.ReadAllBytesAsync(file, token));
        await UploadAsync("traffic/profile.csv", System.Text.Encoding.UTF8.GetBytes(Profile()));
        await UploadAsync("traffic/pipeline.json", await File.ReadAllBytesAsync(TrafficSample.PipelinePath, token));
        await UploadAsync("half-uploaded/model.onnx", [1]);

        async Task UploadAsync(string name, byte[] content) => await models.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), overwrite: true, token);
    }

    private static string Profile()
    {
        var pipeline = Pipelines.PipelineReader.Read(File.ReadAllText(TrafficSample.PipelinePath), "pipeline.json");
        var rows = pipeline.Tasks.SelectMany(static t => t.Variants)
            .Select(static v => new Profiles.ProfileRow(v.Name, "test-device", 1, 5, 5, 6, 6));
        return Profiles.ProfileCsv.Write(new Profiles.LatencyProfile(rows));
    }

    internal static HttpClient Client(WebApplication app) =>
        new() { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };

    internal static async Task<JsonElement> WorkingAsync(HttpClient client, CancellationToken token)
    {
        while (true)
        {
            using var status = JsonDocument.Parse(await client.GetStringAsync("/status", token));
            var state = status.RootElement.GetProperty("state").GetString();
            if (state == "working")
                return status.RootElement.Clone();
            Assert.Equal("starting", state);
            await Task.Delay(20, token);
        }
    }

    private static async Task<IReadOnlyList<PlaceLease>> OwnLeasesAsync(TableStateStore state, CancellationToken token) =>
        await state.LeasesAsync("worker/test-device/", DateTimeOffset.UtcNow, token);

    private string[] Arguments(string storage, LocalServiceBus bus, string? container) =>
    [
        "--urls", "http://127.0.0.1:0", "--Loki:Device", "test-device", "--Loki:Slots", "2", "--Loki:ModelCache", _folder.FullName, "--Loki:ModelsContainer", container ?? "",
        "--AzureWebJobsStorage", storage, "--ServiceBus", bus.ConnectionString, "--ServiceBus:administration", bus.AdministrationConnectionString,
    ];
}
