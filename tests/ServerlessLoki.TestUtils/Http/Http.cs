using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ServerlessLoki.Serving.Http.Tests;

/// <summary>Short forms of requests and answers.</summary>
internal static class Http
{
    public static Task<HttpResponseMessage> PostJsonAsync(this HttpClient client, string path, string json) =>
        client.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    public static Task<HttpResponseMessage> PostBytesAsync(
        this HttpClient client, string path, byte[] body, string? jsonLength, string mediaType = "application/octet-stream")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (jsonLength is not null)
            request.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", jsonLength);
        return client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>JSON followed by tensors.</summary>
    public static Task<HttpResponseMessage> PostBinaryAsync(this HttpClient client, string path, string json, params byte[][] tensors)
    {
        var header = Encoding.UTF8.GetBytes(json);
        return client.PostBytesAsync(path, [.. header, .. tensors.SelectMany(t => t)], header.Length.ToString());
    }

    public static Task<HttpResponseMessage> GetPathAsync(this HttpClient client, string path) =>
        client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);

    public static Task<string> TextAsync(this HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.TextAsync());
        return document.RootElement.Clone();
    }

    /// <summary>Status, and that the body is an error as every error is.</summary>
    public static async Task<JsonElement> ErrorAsync(this HttpResponseMessage response, int status, string code)
    {
        var text = await response.TextAsync();
        Assert.Equal((status, text), ((int)response.StatusCode, text));
        using var document = JsonDocument.Parse(text);
        Assert.False(string.IsNullOrWhiteSpace(document.RootElement.GetProperty("error").GetString()));
        Assert.Equal(code, document.RootElement.GetProperty("code").GetString());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.Equal(status is 429 or 503, response.Headers.RetryAfter is not null);
        if (response.Headers.RetryAfter is { } after)
            Assert.True(after.Delta >= TimeSpan.FromSeconds(1));
        return document.RootElement.Clone();
    }

    public static byte[] Floats(params float[] values) =>
        [.. values.SelectMany(v => { var b = new byte[4]; BinaryPrimitives.WriteSingleLittleEndian(b, v); return b; })];
}
