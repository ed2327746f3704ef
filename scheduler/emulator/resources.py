"""What each method answers with, in the words of `fields`: what a selection may name (DISC).

A name without brackets is a plain value, "*" any name, as in the maps of properties.
"""

from __future__ import annotations

from scheduler.emulator.fields import Mask, parse

_TIME = "date,dateTime,timeZone"
_PERSON = "displayName,email,id,self"
_REMINDERS = "defaultReminders(method,minutes)"
_PAGE = "etag,kind,nextPageToken,nextSyncToken"
_CONFERENCE = (
    "conferenceId,conferenceSolution(iconUri,key/type,name),"
    "createRequest(conferenceSolutionKey/type,requestId,status/statusCode),"
    "entryPoints(accessCode,entryPointFeatures,entryPointType,label,meetingCode,passcode,password,"
    "pin,regionCode,uri),notes,parameters/addOnParameters/parameters/*,signature"
)
_EVENT = (
    "anyoneCanAddSelf,attachments(fileId,fileUrl,iconLink,mimeType,title),"
    f"attendees({_PERSON},additionalGuests,asyncOperation,comment,optional,organizer,resource,"
    "responseStatus),attendeesOmitted,birthdayProperties(contact,customTypeName,type),colorId,"
    f"conferenceData({_CONFERENCE}),created,creator({_PERSON}),description,end({_TIME}),"
    "endTimeUnspecified,etag,eventLabelId,eventType,extendedProperties(private/*,shared/*),"
    "focusTimeProperties(autoDeclineMode,chatStatus,declineMessage),"
    "gadget(display,height,iconLink,link,preferences/*,title,type,width),guestsCanInviteOthers,"
    "guestsCanModify,guestsCanSeeOtherGuests,hangoutLink,htmlLink,iCalUID,id,kind,location,locked,"
    f"organizer({_PERSON}),originalStartTime({_TIME}),"
    "outOfOfficeProperties(autoDeclineMode,declineMessage),privateCopy,recurrence,recurringEventId,"
    f"reminders(overrides(method,minutes),useDefault),sequence,source(title,url),start({_TIME}),"
    "status,summary,transparency,updated,visibility,"
    "workingLocationProperties(customLocation/label,homeOffice,"
    "officeLocation(buildingId,deskId,floorId,floorSectionId,label),type)"
)
_EVENTS = f"accessRole,{_REMINDERS},description,items({_EVENT}),summary,timeZone,updated"
_CALENDAR = (
    "autoAcceptInvitations,conferenceProperties/allowedConferenceSolutionTypes,dataOwner,"
    "description,etag,id,kind,labelProperties/eventLabels(backgroundColor,id,name),location,"
    "summary,timeZone,workingHours(availableTimes(dayOfWeek,periodEnd,periodStart),"
    "workingHoursEnabled)"
)
_LISTED = (
    "accessRole,autoAcceptInvitations,backgroundColor,colorId,"
    f"conferenceProperties/allowedConferenceSolutionTypes,dataOwner,{_REMINDERS},deleted,"
    "description,etag,foregroundColor,hidden,id,kind,location,"
    "notificationSettings/notifications(method,type),primary,selected,summary,summaryOverride,"
    "timeZone"
)
_RULE = "etag,id,kind,role,scope(type,value)"
_SETTING = "etag,id,kind,value"
_CHANNEL = "address,expiration,id,kind,params/*,payload,resourceId,resourceUri,token,type"
_COLOR = "background,foreground"
_ERRORS = "errors(domain,reason)"
_ASKED = "kind,timeMax,timeMin"
_SPACE = (
    "activeConference/conferenceRecord,config(accessType,"
    "artifactConfig(recordingConfig/autoRecordingGeneration,"
    "smartNotesConfig/autoSmartNotesGeneration,"
    "transcriptionConfig/autoTranscriptionGeneration),attendanceReportGenerationType,"
    "entryPointAccess,moderation,moderationRestrictions(chatRestriction,defaultJoinAsViewerType,"
    "presentRestriction,reactionRestriction)),gatewaySipAccess(sipAccessCode,uri),meetingCode,"
    "meetingUri,name,phoneAccess(languageCode,phoneNumber,pin,regionCode)"
)
_MEMBER = "email,name,role"
_RECORD = "endTime,expireTime,name,space,startTime"
_PARTICIPANT = (
    "anonymousUser/displayName,earliestStartTime,latestEndTime,name,phoneUser/displayName,"
    "signedinUser(displayName,user)"
)
_SESSION = "endTime,name,startTime"

_ANSWERS = (
    ("acl.get acl.insert acl.patch acl.update", _RULE),
    ("acl.list", f"{_PAGE},items({_RULE})"),
    ("acl.watch calendarList.watch events.watch settings.watch", _CHANNEL),
    ("calendarList.get calendarList.insert calendarList.patch calendarList.update", _LISTED),
    ("calendarList.list", f"{_PAGE},items({_LISTED})"),
    ("calendars.get calendars.insert calendars.patch calendars.update", _CALENDAR),
    ("colors.get", f"calendar/*({_COLOR}),event/*({_COLOR}),kind,updated"),
    ("events.get events.import events.insert events.move events.patch events.quickAdd", _EVENT),
    ("events.update", _EVENT),
    ("events.instances events.list", f"{_PAGE},{_EVENTS}"),
    ("freebusy.query", f"calendars/*(busy(end,start),{_ERRORS}),groups/*(calendars,{_ERRORS}),{_ASKED}"),
    ("settings.get", _SETTING),
    ("settings.list", f"{_PAGE},items({_SETTING})"),
    ("spaces.create spaces.get spaces.patch", _SPACE),
    ("members.create members.get members.patch", _MEMBER),
    ("members.batchUpdate", f"members({_MEMBER})"),
    ("members.list", f"members({_MEMBER}),nextPageToken"),
    ("conferenceRecords.get", _RECORD),
    ("conferenceRecords.list", f"conferenceRecords({_RECORD}),nextPageToken"),
    ("participants.get", _PARTICIPANT),
    ("participants.list", f"nextPageToken,participants({_PARTICIPANT}),totalSize"),
    ("participantSessions.get", _SESSION),
    ("participantSessions.list", f"nextPageToken,participantSessions({_SESSION})"),
)  # fmt: skip

ANSWERS: dict[str, Mask] = {
    method: parse(text) for methods, text in _ANSWERS for method in methods.split()
}
"""By the names of `calls.api_call`. What answers with nothing, or with nothing recorded, is not in it."""
