using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Embedded.Tests;

public sealed class WebServerTests
{
    private const int KestrelsOwnBlockBytes = 4096;

    [Fact]
    public async Task Body_OfATensorsSize_ArrivesInLargeBlocks()
    {
        var token = TestContext.Current.CancellationToken;
        await using var app = WebServer.Build(new EmbeddedHostOptions { PipelineFiles = [], DataDirectory = "." }, new LokiApiContext());
        app.MapPost("/largest-block", async context => await context.Response.WriteAsync($"{await LargestBlockAsync(context.Request)}", token));
        await app.StartAsync(token);
        using var client = new HttpClient { BaseAddress = WebServer.Addresses(app)[0] };
        using var answer = await client.PostAsync(new Uri("/largest-block", UriKind.Relative), new ByteArrayContent(new byte[1 << 20]), token);
        var largest = int.Parse(await answer.Content.ReadAsStringAsync(token), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(largest, KestrelsOwnBlockBytes + 1, 1 << 20);
    }

    [Fact]
    public async Task Connection_RemembersUntilWhenItsCallerWasToldToWait()
    {
        var token = TestContext.Current.CancellationToken;
        await using var app = WebServer.Build(new EmbeddedHostOptions { PipelineFiles = [], DataDirectory = "." }, new LokiApiContext());
        app.MapGet("/refused", context =>
        {
            var retries = context.Features.Get<IRetryTimes>()!;
            var before = retries.Left > TimeSpan.Zero;
            retries.ComeBackIn(context.Request.Query.ContainsKey("long") ? TimeSpan.FromHours(1) : TimeSpan.Zero);
            return context.Response.WriteAsync($"{before}", token);
        });
        await app.StartAsync(token);
        using var eager = new HttpClient { BaseAddress = WebServer.Addresses(app)[0] };
        using var other = new HttpClient { BaseAddress = eager.BaseAddress };
        Assert.Equal("False", await eager.GetStringAsync(new Uri("/refused?long", UriKind.Relative), token));
        Assert.Equal("True", await eager.GetStringAsync(new Uri("/refused?long", UriKind.Relative), token));
        Assert.Equal("False", await other.GetStringAsync(new Uri("/refused", UriKind.Relative), token));
        Assert.Equal("False", await other.GetStringAsync(new Uri("/refused", UriKind.Relative), token));
    }

    private static async Task<int> LargestBlockAsync(HttpRequest request)
    {
        var largest = 0;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync();
            foreach (var block in read.Buffer)
                largest = Math.Max(largest, block.Length);
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return largest;
        }
    }
}
