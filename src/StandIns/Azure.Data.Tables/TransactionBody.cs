using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Azure.Data.Tables;

/// <summary>An entity group transaction on the wire: one multipart change set, and its answers.</summary>
internal static class TransactionBody
{
    public static ReadOnlyMemory<byte> Write(IReadOnlyList<EntityRequest> requests, Uri endpoint, out string contentType)
    {
        if (requests.Count is 0 or > 100)
            throw new InvalidOperationException($"A transaction has 1 to 100 actions; found {requests.Count}.");
        var batch = "batch_" + Guid.NewGuid().ToString("N");
        var changes = "changeset_" + Guid.NewGuid().ToString("N");
        contentType = "multipart/mixed; boundary=" + batch;
        var body = new ArrayBufferWriter<byte>();
        Text(body, $"--{batch}\r\nContent-Type: multipart/mixed; boundary={changes}\r\n\r\n");
        foreach (var request in requests)
        {
            Text(body, $"--{changes}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            Text(body, $"{request.Method} {endpoint.AbsoluteUri.TrimEnd('/')}/{request.Path} HTTP/1.1\r\nAccept: {TableClient.Json}\r\nDataServiceVersion: 3.0\r\n");
            foreach (var (name, value) in request.Headers)
                Text(body, $"{name}: {value}\r\n");
            Text(body, "\r\n");
            body.Write(request.Body.Span);
            Text(body, "\r\n");
        }

        Text(body, $"--{changes}--\r\n--{batch}--\r\n");
        return body.WrittenMemory;
    }

    /// <exception cref="TableTransactionFailedException">An action was refused.</exception>
    public static IReadOnlyList<Response> Read(Response response)
    {
        var parts = new List<Response>();
        using var reader = new StreamReader(response.Content.ToStream(), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
                continue;
            var part = ReadPart(reader, int.Parse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture));
            if (part.Status >= 400)
            {
                var error = TableErrors.Parse(part.Content.ToMemory());
                throw new TableTransactionFailedException(new RequestFailedException(part.Status, error?.Message ?? part.Content.ToString(), error?.Code, null));
            }

            parts.Add(part);
        }

        return parts;
    }

    private static PartResponse ReadPart(StreamReader reader, int status)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (reader.ReadLine() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        // An error's body is one line of JSON.
        var body = status >= 400 ? reader.ReadLine() ?? "" : "";
        return new PartResponse(status, headers, Encoding.UTF8.GetBytes(body));
    }

    private static void Text(ArrayBufferWriter<byte> body, string text) => body.Write(Encoding.UTF8.GetBytes(text));
}
