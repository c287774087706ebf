namespace ServerlessLoki.LocalCloud.FunctionsHost.Settings;

/// <summary>Keys of HTTP functions.</summary>
/// <param name="Function">Opens functions of level Function.</param>
/// <param name="Master">Opens all.</param>
internal sealed record HttpKeys(string Function, string Master);
