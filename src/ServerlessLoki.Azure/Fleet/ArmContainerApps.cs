using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using ServerlessLoki.Azure.Storage;

namespace ServerlessLoki.Azure.Fleet;

/// <summary>Client for the replica bounds of container apps in Azure Resource Manager's REST interface.</summary>
internal sealed class ArmContainerApps
{
    private const string Version = "2026-01-01";
    private readonly HttpPipeline _pipeline;
    private readonly Uri _endpoint;
    private readonly AzureCall _call;

    public ArmContainerApps(Uri endpoint, TokenCredential credential, TimeSpan limit, HttpPipelineTransport? transport)
    {
        _endpoint = endpoint;
        _call = new AzureCall(limit);
        var options = new ArmOptions { Retry = { MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(15) } };
        if (transport is not null)
            options.Transport = transport;
        options.AddPolicy(new TryMeter("arm"), HttpPipelinePosition.PerRetry);
        _pipeline = HttpPipelineBuilder.Build(options, new BearerTokenAuthenticationPolicy(credential, new Uri(endpoint, ".default").AbsoluteUri));
    }

    public Task<ReplicaBounds> ReadAsync(string appId, CancellationToken cancellationToken) => _call.RunAsync(
        "app.read",
        async stop =>
        {
            using var message = Message(RequestMethod.Get, appId);
            var response = await SendAsync(message, stop);
            using var body = JsonDocument.Parse(response.Content);
            var properties = body.RootElement.GetProperty("properties");
            var scale = properties.TryGetProperty("template", out var template) && template.TryGetProperty("scale", out var s) && s.ValueKind == JsonValueKind.Object ? s : default;
            var state = properties.TryGetProperty("provisioningState", out var p) ? p.GetString() : null;
            return new ReplicaBounds(
                Number(scale, "minReplicas", 0), Number(scale, "maxReplicas", 10), state is not (null or "Succeeded" or "Failed" or "Canceled"));
        },
        cancellationToken);

    /// <summary>Requests other bounds; the request is accepted when the call returns, and done some time later.</summary>
    public Task SetAsync(string appId, int min, int max, CancellationToken cancellationToken) => _call.RunAsync(
        "app.scale",
        async stop =>
        {
            using var message = Message(RequestMethod.Patch, appId);
            message.Request.Headers.SetValue("Content-Type", "application/json");
            // A merge patch: the rules of the scale and all else stay as they are.
            message.Request.Content = RequestContent.Create(JsonSerializer.SerializeToUtf8Bytes(
                new { properties = new { template = new { scale = new { minReplicas = min, maxReplicas = max } } } }));
            await SendAsync(message, stop);
            return true;
        },
        cancellationToken);

    private static int Number(JsonElement scale, string name, int otherwise) =>
        scale.ValueKind == JsonValueKind.Object && scale.TryGetProperty(name, out var value) && value.TryGetInt32(out var number) ? number : otherwise;

    private async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellationToken)
    {
        await _pipeline.SendAsync(message, cancellationToken);
        return message.Response is { Status: 200 or 201 or 202 } response ? response : throw new RequestFailedException(message.Response);
    }

    private HttpMessage Message(RequestMethod method, string appId)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(_endpoint, $"{appId}?api-version={Version}"));
        message.Request.Headers.SetValue("Accept", "application/json");
        return message;
    }

    private sealed class ArmOptions : ClientOptions;
}
