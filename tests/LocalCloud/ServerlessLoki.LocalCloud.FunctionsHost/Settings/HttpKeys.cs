namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Keys of HTTP functions.</summary>
/// <param name="Function">Key for functions of level Function.</param>
/// <param name="Master">Key for all functions.</param>
internal sealed record HttpKeys(string Function, string Master);
