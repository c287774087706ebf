using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Api;

namespace ServerlessLoki.Functions.Tests;

/// <summary>One request to the Function app and to the embedded host's API: the answers are the same.</summary>
public sealed class ProtocolTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("functions-").FullName;

    public static TheoryData<string, string, string?, string?> Requests => new()
    {
        { "GET", "/v2/health/live", null, null },
        { "GET", "/v2/health/ready", null, null },
        { "GET", "/v2", null, null },
        { "POST", "/v2/repository/index", "application/json", "{}" },
        { "POST", "/v2/repository/index", "application/json", "{\"ready\": 1}" },
        { "GET", "/v2/models/traffic", null, null },
        { "GET", "/v2/models/traffic/versions/1", null, null },
        { "GET", "/v2/models/traffic/versions/7", null, null },
        { "GET", "/v2/models/traffic/ready", null, null },
        { "GET", "/v2/models/traffic/config", null, null },
        { "GET", "/v2/models/none/config", null, null },
        { "GET", "/v2/models/stats", null, null },
        { "GET", "/plan", null, null },
        { "GET", "/status", null, null },
        { "GET", "/runs/none", null, null },
        { "GET", "/runs?size=0", null, null },
        { "POST", "/runs?pipeline=none", "image/png", "x" },
        { "POST", "/runs?pipeline=traffic", "image/png", "no image" },
        { "POST", "/v2/models/traffic/infer", "image/png", "no image" },
        { "POST", "/v2/models/traffic/infer", "text/plain", "hello" },
        { "POST", "/v2/models/plain/infer", "application/json", "{\"inputs\": [{\"name\": \"y\", \"datatype\": \"FP64\", \"shape\": [1], \"data\": []}]}" },
        { "POST", "/v2/models/plain/infer", "application/json", "{" },
        { "POST", "/v2/models/none/infer", "application/json", "{}" },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Answers_AllRequests_EqualTheEmbeddedOnes()
    {
        await using var app = await FunctionsHost.StartAsync(_folder, Guid.NewGuid().ToString("N"));
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using var embedded = builder.Build();
        embedded.UseRouting();
        embedded.MapLokiApi(new LokiApiContext { Engine = FunctionsHost.Planned(), Runs = new NoRuns() });
        await embedded.StartAsync(Stop);
        using var http = new HttpClient
        {
            BaseAddress = new Uri(embedded.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
        };

        foreach (var (method, path, media, body) in Requests.Select(r => r.Data))
            Assert.Equal(await AnswerAsync(http, method, path, media, body), await AnswerAsync(app.Http, method, path, media, body));
    }

    private static async Task<string> AnswerAsync(HttpClient http, string method, string path, string? media, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(media!);
        }

        var answer = await http.SendAsync(request, Stop);
        return $"{method} {path} {(int)answer.StatusCode} {answer.Headers.RetryAfter} {answer.Content.Headers.ContentType} {await answer.Content.ReadAsStringAsync(Stop)}";
    }
}
