using System.Text;
using Microsoft.AspNetCore.Http;

namespace ServerlessLoki.Serving.Http;

/// <summary><c>GET /metrics</c>.</summary>
internal sealed class MetricsEndpoint(LokiApiContext api)
{
    public async Task WriteAsync(HttpContext context)
    {
        var bytes = Encoding.UTF8.GetBytes(MetricsText.Of(api.Engine));
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
    }
}
