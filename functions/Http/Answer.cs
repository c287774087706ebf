using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using ServerlessLoki.Serving.Http;

namespace ServerlessLoki.Functions.Http;

/// <summary>Adapter from a trigger to the API's endpoint, which writes the answer itself.</summary>
internal static class Answer
{
    public static async Task<IActionResult> FromAsync(HttpRequest request, RequestDelegate endpoint, ILogger logger)
    {
        await LokiEndpoints.AnswerAsync(request.HttpContext, endpoint, logger);
        return new EmptyResult();
    }
}
