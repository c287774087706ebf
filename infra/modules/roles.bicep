// Every role assignment of the system, in one file: who may do what, and where.

@description('Principal of the Function app.')
param functionsPrincipalId string

@description('Principal of the code in the workers.')
param workerPrincipalId string

@description('Principal of the platform: pulls images, reads queue lengths. The workers\' code cannot use it.')
param platformPrincipalId string

@description('Principal of who deploys; empty grants nothing.')
param deployerPrincipalId string

@description('What kind of principal deploys.')
param deployerPrincipalType string

@description('Name of the storage account.')
param storageName string

@description('Name of the Service Bus namespace.')
param serviceBusName string

@description('Name of the Durable Task scheduler.')
param schedulerName string

@description('Name of the container registry.')
param registryName string

@description('Name of the Application Insights component.')
param componentName string

resource storage 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource serviceBus 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: serviceBusName
}

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' existing = {
  name: schedulerName
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' existing = {
  name: registryName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// Azure's built-in roles.
var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
  blobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  blobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  containerAppsContributor: '358470bc-b998-42bd-ab17-a7e34c199c0f'
  durableTaskDataContributor: '0ad04412-c4d5-4796-b79c-f76d14c8d402'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  queueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  serviceBusDataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  serviceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  tableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}

var storageGrants = [
  // The host keeps its locks, keys and package here, which asks for the owner role on blobs.
  { principalId: functionsPrincipalId, role: roles.blobDataOwner }
  { principalId: functionsPrincipalId, role: roles.queueDataContributor }
  { principalId: functionsPrincipalId, role: roles.tableDataContributor }
  { principalId: workerPrincipalId, role: roles.blobDataContributor }
  { principalId: workerPrincipalId, role: roles.tableDataContributor }
]

var serviceBusGrants = [
  // The planner makes and retires queues.
  { principalId: functionsPrincipalId, role: roles.serviceBusDataOwner }
  { principalId: workerPrincipalId, role: roles.serviceBusDataReceiver }
  { principalId: workerPrincipalId, role: roles.serviceBusDataSender }
  // Reading the length of a queue asks for the right to manage it.
  { principalId: platformPrincipalId, role: roles.serviceBusDataOwner }
]

var publishers = [functionsPrincipalId, workerPrincipalId]

resource storageRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in storageGrants: {
    name: guid(storage.id, grant.principalId, grant.role)
    scope: storage
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource deployerStorageRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(storage.id, deployerPrincipalId, roles.blobDataContributor)
  scope: storage
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.blobDataContributor)
  }
}

resource serviceBusRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for grant in serviceBusGrants: {
    name: guid(serviceBus.id, grant.principalId, grant.role)
    scope: serviceBus
    properties: {
      principalId: grant.principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', grant.role)
    }
  }
]

resource schedulerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(scheduler.id, functionsPrincipalId, roles.durableTaskDataContributor)
  scope: scheduler
  properties: {
    principalId: functionsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roles.durableTaskDataContributor
    )
  }
}

resource registryRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, platformPrincipalId, roles.acrPull)
  scope: registry
  properties: {
    principalId: platformPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

resource telemetryRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in publishers: {
    name: guid(component.id, principalId, roles.monitoringMetricsPublisher)
    scope: component
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId(
        'Microsoft.Authorization/roleDefinitions',
        roles.monitoringMetricsPublisher
      )
    }
  }
]

// The planner sets how many replicas stand by. The group's only container apps are the workers, so the group is the scope.
resource fleetRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, functionsPrincipalId, roles.containerAppsContributor)
  properties: {
    principalId: functionsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.containerAppsContributor)
  }
}
