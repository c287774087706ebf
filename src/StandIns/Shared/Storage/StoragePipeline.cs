using System;
using System.Threading;
using System.Threading.Tasks;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace StandIns.Storage;

/// <summary>Azure.Core's pipeline with the account's authentication, and the service's errors as <see cref="RequestFailedException"/>.</summary>
internal sealed class StoragePipeline
{
    private const string Scope = "https://storage.azure.com/.default";
    private readonly HttpPipeline _pipeline;
    private readonly string _version;
    private readonly RequestFailedDetailsParser _errors;

    public StoragePipeline(ClientOptions options, HttpPipelinePolicy authentication, string version, RequestFailedDetailsParser errors)
    {
        _version = version;
        _errors = errors;
        _pipeline = HttpPipelineBuilder.Build(new HttpPipelineOptions(options) { PerRetryPolicies = { authentication }, RequestFailedDetailsParser = errors });
    }

    public static HttpPipelinePolicy Bearer(TokenCredential credential) => new BearerTokenAuthenticationPolicy(credential, Scope);

    public HttpMessage Message(RequestMethod method, Uri uri)
    {
        var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(uri);
        message.Request.Headers.SetValue("x-ms-version", _version);
        return message;
    }

    /// <summary>Sends; every status but a success and the accepted ones is thrown.</summary>
    public async Task<Response> SendAsync(HttpMessage message, CancellationToken cancellationToken, params int[] accepted)
    {
        await _pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var response = message.Response;
        return response.Status < 300 || Array.IndexOf(accepted, response.Status) >= 0
            ? response
            : throw new RequestFailedException(response, null, _errors);
    }
}
