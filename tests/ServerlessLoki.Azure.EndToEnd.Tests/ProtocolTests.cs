using System.Net.Http.Headers;
using System.Text;
using ServerlessLoki.Azure.EndToEnd.Tests.Setup;

namespace ServerlessLoki.Azure.EndToEnd.Tests;

/// <summary>One request to the Function app and to the embedded host: the answers are the same.</summary>
public sealed class ProtocolTests(SharedSystem shared)
{
    private const string Json = "application/json";
    private const string Png = "image/png";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/v2/health/live")]
    [InlineData("HEAD", "/v2/health/live")]
    [InlineData("GET", "/v2/health/ready")]
    [InlineData("GET", "/v2")]
    [InlineData("POST", "/v2/repository/index", Json, "{\"ready\": 1}")]
    [InlineData("GET", "/v2/models/traffic")]
    [InlineData("GET", "/v2/models/traffic/versions/1")]
    [InlineData("GET", "/v2/models/traffic/versions/7")]
    [InlineData("GET", "/v2/models/traffic/ready")]
    [InlineData("GET", "/v2/models/traffic/config")]
    [InlineData("GET", "/v2/models/none")]
    [InlineData("GET", "/v2/models/none/config")]
    [InlineData("GET", "/runs/none")]
    [InlineData("GET", "/runs?size=0")]
    [InlineData("DELETE", "/runs/none")]
    [InlineData("POST", "/runs?pipeline=none", Png, "x")]
    [InlineData("POST", "/runs?pipeline=traffic", Png, "no image")]
    [InlineData("POST", "/v2/models/traffic/infer", Png, "no image")]
    [InlineData("POST", "/v2/models/traffic/infer", "text/plain", "hello")]
    [InlineData("POST", "/v2/models/traffic/infer", Json, "{\"inputs\": [{\"name\": \"y\", \"datatype\": \"FP64\", \"shape\": [1], \"data\": []}]}")]
    [InlineData("POST", "/v2/models/traffic/infer", Json, "{")]
    [InlineData("POST", "/v2/models/none/infer", Json, "{}")]
    public async Task Answer_OfTheApp_EqualsTheEmbeddedHosts(string method, string path, string? media = null, string? body = null)
    {
        var system = await shared.SystemAsync();
        var reference = await shared.ReferenceAsync();
        Assert.Equal(await AnswerAsync(reference.Http, method, path, media, body), await AnswerAsync(system.Http, method, path, media, body));
    }

    private static async Task<string> AnswerAsync(HttpClient http, string method, string path, string? media, string? body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(media!);
        }

        using var answer = await http.SendAsync(request, Stop);
        return $"{method} {path} {(int)answer.StatusCode} {answer.Headers.RetryAfter} {answer.Content.Headers.ContentType} {await answer.Content.ReadAsStringAsync(Stop)}";
    }
}
