namespace ServerlessLoki.Serving.Http;

/// <summary>Feature of a request whose caller showed a key: what one key's requests hold together is bounded.</summary>
/// <param name="Name">Tells keys apart; is not the key.</param>
public sealed record CallerKey(string Name);
