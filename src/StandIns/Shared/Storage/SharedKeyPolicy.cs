using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace StandIns.Storage;

/// <summary>
/// Signs each try with the account's key: the full form for blobs, the Lite form for tables
/// (https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key).
/// </summary>
internal sealed class SharedKeyPolicy(string account, byte[] key, bool lite) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
        request.Headers.SetValue("x-ms-date", date);
        var text = lite ? date + "\n" + LiteResource(request) : Full(request);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        request.Headers.SetValue("Authorization", $"{(lite ? "SharedKeyLite" : "SharedKey")} {account}:{signature}");
    }

    private string LiteResource(Request request)
    {
        var uri = request.Uri.ToUri();
        var comp = Query(uri).Where(q => q.Key == "comp").Select(q => "?comp=" + q.Value).FirstOrDefault();
        return "/" + account + uri.AbsolutePath + comp;
    }

    private string Full(Request request)
    {
        var uri = request.Uri.ToUri();
        long length = 0;
        request.Content?.TryComputeLength(out length);
        var text = new StringBuilder(request.Method.Method).Append('\n');
        foreach (var name in (string[])["Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"])
        {
            if (name == "Content-Length")
                text.Append(length > 0 ? length.ToString(CultureInfo.InvariantCulture) : "");
            else if (name != "Date" && request.Headers.TryGetValue(name, out var value))
                text.Append(value);
            text.Append('\n');
        }

        foreach (var header in request.Headers.Where(h => h.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(h => h.Name, StringComparer.OrdinalIgnoreCase))
            text.Append(Lower(header.Name)).Append(':').Append(header.Value).Append('\n');
        text.Append('/').Append(account).Append(uri.AbsolutePath);
        foreach (var (name, value) in Query(uri).OrderBy(q => q.Key, StringComparer.Ordinal))
            text.Append('\n').Append(name).Append(':').Append(value);
        return text.ToString();
    }

    private static IEnumerable<KeyValuePair<string, string>> Query(Uri uri) =>
        uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p =>
        {
            var parts = p.Split('=', 2);
            return KeyValuePair.Create(Lower(Uri.UnescapeDataString(parts[0])), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        });

    private static string Lower(string name) => name.ToLowerInvariant();
}
