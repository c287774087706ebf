using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Hosting;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The one key that stands for all levels above anonymous: the setting <c>FunctionsHost:Key</c>.</summary>
/// <remarks>Without it every call is let in, as Core Tools do on a developer's machine.</remarks>
internal sealed class FunctionKey
{
    private byte[]? _key;

    public static FunctionKey Of(AppSettings settings) =>
        new() { _key = settings.Find("FunctionsHost:Key") is { Length: > 0 } key ? Encoding.UTF8.GetBytes(key) : null };

    public bool Admits(HttpRequest request, AuthorizationLevel level)
    {
        if (_key is null || level == AuthorizationLevel.Anonymous)
            return true;
        string? given = request.Headers["x-functions-key"];
        given ??= request.Query["code"];
        return given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _key);
    }
}
