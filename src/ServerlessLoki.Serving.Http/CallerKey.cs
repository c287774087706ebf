namespace ServerlessLoki.Serving.Http;

/// <summary>Feature of a request whose caller sent a key; the bytes of one key's requests are limited together.</summary>
/// <param name="Name">Name that tells keys apart; not the key itself.</param>
public sealed record CallerKey(string Name);
